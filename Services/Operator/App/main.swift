// The command line. See Program.swift for its verbs and Session.swift for what they share.
import Glibc
import OperatorCore

signal(SIGPIPE, SIG_IGN)
exit(Program.run(Array(CommandLine.arguments.dropFirst())).rawValue)
