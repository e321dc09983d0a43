enum DashboardPage { static let text = ""; static let icon = "" }
