locals {
  functions = {
    health = {
      description = "Tells whether this region takes writes"
      routes      = { "GET /health" = "public" }
      throttle    = { rate = 20, burst = 40 }
      timeout     = 5
      memory      = 256 # Route 53 asks every few seconds, and each answer is paid by the MB
      permissions = [
        { actions = ["dynamodb:GetItem"], resources = [var.creator.failover.switch_arn] },
      ]
    }
  }
}

module "functions" {
  source = "../lambda-functions"

  module             = "failover"
  creator            = var.creator
  api                = var.api
  code               = var.code
  functions          = local.functions
  failures_arn       = var.failures_arn
  log_retention_days = var.log_retention_days
  tags               = var.tags
}
