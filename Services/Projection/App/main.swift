// `projection`: Kafka -> ledger and read models in PostgreSQL -> metrics on Kafka. Read next: Projection.swift.

import Operations

ServiceMain.run("projection") { context in
    try buildProjection(context).run()
    return 0
}
