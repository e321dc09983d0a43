enum DashboardScript { static let text = ""; static let icon = "" }
