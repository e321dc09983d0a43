// The names of the event types that rules may be written on, for suggestions in errors.

internal import Models

enum CatalogueNames {
    static let all: [String] = Catalogue.all.filter { $0.family != .control }.map(\.qualifiedName)
}
