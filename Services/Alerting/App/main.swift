// The evaluator, the ticker and the notifier in one program: see AlertingService.swift for how it is composed.
import Operations

ServiceMain.run("alerting") { context in try buildAlerting(context).run() }
