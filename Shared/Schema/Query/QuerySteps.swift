// The steps that query needs (M060 on): one file of this folder each, one line here.

extension Migrations {
    static let querySteps: [Migration] = []
}
