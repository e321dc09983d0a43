// The one door out: see QueryService.swift for how it is composed.
import Operations

ServiceMain.run("query") { context in try buildQuery(context).run() }
