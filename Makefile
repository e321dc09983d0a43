# The house's commands. `make` alone prints them; each line's comment after ## is its help.
.DEFAULT_GOAL := help
SHELL := bash
.PHONY: help demo test up down check bench faults format clean

help: ## print these lines
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1|/' | column -t -s '|'

demo: ## the whole thing, from facts over HTTP to alerts, until Ctrl-C (ONCE=1: check the outcome and exit)
	@infra/local/setup && infra/local/build && infra/demo/run

test: ## every test, on servers started for it (TIERS="core service" for some; KAFKA_HOME=… on Apache Kafka)
	@infra/local/setup test && infra/local/test $(TIERS)

up: ## broker, PostgreSQL and the services in the background; writes .local/env
	@infra/local/setup && infra/local/build && infra/local/services up && echo "ready: dashboard $$(. .local/env && echo $$GIGAWATCH_QUERY_URL)   shell: . .local/env" 

down: ## stop what `make up` started; data stays in .local/
	@infra/local/services down

check: ## format, lints, documents against the code
	@infra/local/setup test && swift format lint --strict --recursive --parallel Package.swift Services Shared Tests Benchmarks && infra/local/test core house

bench: ## figures beside their ceilings
	@infra/local/setup && Benchmarks/run

faults: ## kill and restart things, compare with an undisturbed run
	@infra/local/setup test && TIER_SECONDS=3600 GIGAWATCH_TEST_FAULTS=all infra/local/test faults

format: ## rewrite the sources in the house's format
	@swift format --in-place --recursive --parallel Package.swift Services Shared Tests Benchmarks

clean: ## stop everything and remove .build and .local
	@infra/local/services down; rm -rf .build .local
