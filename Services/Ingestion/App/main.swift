// `ingestion`: the one door in, HTTP -> check -> Kafka. Read next: Ingestion.swift.

import Operations

ServiceMain.run("ingestion") { context in try buildIngestion(context).run() }
