mock_provider "aws" {
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::111122223333:role/example" }
  }
  mock_resource "aws_s3_bucket" {
    defaults = { arn = "arn:aws:s3:::example" }
  }
  mock_resource "aws_lambda_function" {
    defaults = {
      arn        = "arn:aws:lambda:eu-west-1:111122223333:function:example"
      invoke_arn = "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/example/invocations"
    }
  }
  mock_resource "aws_lambda_layer_version" {
    defaults = { arn = "arn:aws:lambda:eu-west-1:111122223333:layer:kasper-libraries:1" }
  }
  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:eu-west-1:111122223333:log-group:example" }
  }
  mock_resource "aws_apigatewayv2_api" {
    defaults = {
      api_endpoint  = "https://s2s2s2s2s2.execute-api.eu-west-1.amazonaws.com"
      execution_arn = "arn:aws:execute-api:eu-west-1:111122223333:s2s2s2s2s2"
    }
  }
}

variables {
  creator = {
    slug       = "kasper"
    name       = "Kasper Kast"
    domain     = "kasper.live"
    account_id = "111122223333"
    language   = "de"
    key        = { arn = "arn:aws:kms:eu-west-1:111122223333:key/2" }
    failover   = { region = "eu-west-1", home = "eu-central-1", switch_arn = "arn:aws:dynamodb:eu-central-1:111122223333:table/kasper-region" }
  }
  site_origins = ["https://kasper.live"]
  failures_arn = "arn:aws:sqs:eu-central-1:111122223333:kasper-failures"
  artifacts = {
    runtime      = "python3.12"
    architecture = "arm64"
    layer        = { path = "main.tf" }
    packages     = { for name in ["failover", "contact-form"] : name => { path = "outputs.tf" } }
  }
  modules = {
    failover = {
      functions   = { health = { description = "Tells", routes = { "GET /health" = "public", "$default" = "public" } } }
      environment = {}
    }
    contact-form = {
      functions = {
        post_message = {
          description = "Takes a visitor's message"
          routes      = { "POST /contact" = "public" }
          throttle    = { rate = 2, burst = 5 }
          schedule    = "rate(1 hour)"
          permissions = [{ actions = ["dynamodb:PutItem"], resources = ["arn:aws:dynamodb:eu-central-1:111122223333:table/kasper-contact"] }]
        }
      }
      environment = { CONTACT_TABLE = "kasper-contact" }
    }
  }
}

run "answers_over_the_replicas" {
  assert {
    condition     = module.functions["contact-form"].names == { post_message = "kasper-post-message-standby" } && module.functions["failover"].names == { health = "kasper-health-standby" }
    error_message = "Names of the second region cannot be taken for those of the first."
  }

  assert {
    condition     = local.creator.failover.switch_arn == "arn:aws:dynamodb:eu-west-1:111122223333:table/kasper-region" && local.creator.failover.home == "eu-central-1"
    error_message = "The switch is read where the function is; home stays home."
  }

  assert {
    condition     = output.api_endpoint == "https://s2s2s2s2s2.execute-api.eu-west-1.amazonaws.com" && output.api_stage == "$default"
    error_message = "The second region has an API of its own."
  }

  assert {
    condition     = jsonencode(var.modules["contact-form"].functions.post_message.routes) == jsonencode({ "POST /contact" = "public" }) && !can(var.modules["contact-form"].functions.post_message.schedule)
    error_message = "What would call a function in the background is left out."
  }
}
