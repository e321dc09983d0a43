// The steps that make alerting's tables (M040-M059): one file of this folder each, one line here.

extension Migrations {
    static let alertingSteps: [Migration] = [M040Alerts.step, M041Suppression.step]
}
