mock_provider "aws" {
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::111122223333:role/example" }
  }
  mock_resource "aws_lambda_function" {
    defaults = {
      arn        = "arn:aws:lambda:eu-central-1:111122223333:function:example"
      invoke_arn = "arn:aws:apigateway:eu-central-1:lambda:path/2015-03-31/functions/example/invocations"
    }
  }
  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:eu-central-1:111122223333:log-group:example" }
  }
}

variables {
  creator = {
    slug       = "kasper"
    name       = "Kasper Kast"
    domain     = "kasper.live"
    account_id = "111122223333"
    language   = "de"
    failover   = { region = "eu-west-1", home = "eu-central-1", switch_arn = "arn:aws:dynamodb:eu-central-1:111122223333:table/kasper-region" }
  }
  api = { id = "a1b2c3d4e5", execution_arn = "arn:aws:execute-api:eu-central-1:111122223333:a1b2c3d4e5" }
  code = {
    bucket       = "kasper-lambda-artifacts-111122223333"
    key          = "failover/abc.zip"
    hash         = "q83v"
    layer_arn    = "arn:aws:lambda:eu-central-1:111122223333:layer:kasper-libraries:1"
    runtime      = "python3.12"
    architecture = "arm64"
  }
  failures_arn = "arn:aws:sqs:eu-central-1:111122223333:kasper-failures"
}

run "tells_its_health_and_reads_the_switch" {
  assert {
    condition     = output.switch_table == "kasper-region" && endswith(var.creator.failover.switch_arn, "table/${output.switch_table}")
    error_message = "The table is the one that every function is told of."
  }

  assert {
    condition     = jsonencode(local.functions.health.routes) == jsonencode({ "GET /health" = "public" }) && module.functions.names == { health = "kasper-health" }
    error_message = "Route 53 asks without a signature."
  }

  assert {
    condition     = jsonencode(local.functions.health.permissions) == jsonencode([{ actions = ["dynamodb:GetItem"], resources = ["arn:aws:dynamodb:eu-central-1:111122223333:table/kasper-region"] }])
    error_message = "No function of any module may write the switch, and this one reads nothing else."
  }

  assert {
    condition     = keys(output.standby.functions.health.routes) == ["$default", "GET /health"]
    error_message = "In the second region it answers for every route that is not there."
  }
}

run "refuses_a_creator_with_one_region" {
  command = plan

  variables {
    creator = {
      slug       = "kasper"
      name       = "Kasper Kast"
      domain     = "kasper.live"
      account_id = "111122223333"
      language   = "de"
      failover   = null
    }
  }

  expect_failures = [var.creator]
}
