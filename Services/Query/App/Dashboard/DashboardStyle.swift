enum DashboardStyle { static let text = ""; static let icon = "" }
