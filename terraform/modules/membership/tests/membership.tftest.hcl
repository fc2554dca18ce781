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
  mock_resource "aws_cloudwatch_event_rule" {
    defaults = { arn = "arn:aws:events:eu-central-1:111122223333:rule/example" }
  }
  mock_resource "aws_dynamodb_table" {
    defaults = { arn = "arn:aws:dynamodb:eu-central-1:111122223333:table/kasper-membership" }
  }
}

override_resource {
  target = aws_ssm_parameter.stripe["secret_key"]
  values = { arn = "arn:aws:ssm:eu-central-1:111122223333:parameter/kasper/membership/stripe-secret-key", version = 1 }
}

override_resource {
  target = aws_ssm_parameter.stripe["webhook_secret"]
  values = { arn = "arn:aws:ssm:eu-central-1:111122223333:parameter/kasper/membership/stripe-webhook-secret", version = 2 }
}

variables {
  settings = {
    currency = "EUR"
    tiers = [
      { id = "bee", name = "Bee", price = 500, benefits = ["A badge"] },
      { id = "queen", name = "Queen", price = 1500, benefits = [] },
    ]
    grace_days = 7
  }
  creator = {
    slug       = "kasper"
    name       = "Kasper Kast"
    domain     = "kasper.live"
    account_id = "111122223333"
    language   = "de"
    members    = { issuer = "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_kasper", client_id = "kasperclient" }
  }
  api = { id = "a1b2c3d4e5", execution_arn = "arn:aws:execute-api:eu-central-1:111122223333:a1b2c3d4e5", authorizer_id = "authz1" }
  code = {
    bucket       = "kasper-lambda-artifacts-111122223333"
    key          = "membership/abc.zip"
    hash         = "q83v"
    layer_arn    = "arn:aws:lambda:eu-central-1:111122223333:layer:kasper-libraries:1"
    runtime      = "python3.12"
    architecture = "arm64"
  }
  failures_arn = "arn:aws:sqs:eu-central-1:111122223333:kasper-failures"
}

run "keeps_members_and_secrets_and_tells_what_is_missing" {
  assert {
    condition     = output.table == "kasper-membership" && jsonencode(module.members.index_arns) == jsonencode({ gsi1 = "arn:aws:dynamodb:eu-central-1:111122223333:table/kasper-membership/index/gsi1" })
    error_message = "The table is where ivs-streaming looks for entitlements, with the index of states."
  }

  assert {
    condition     = { for key, parameter in aws_ssm_parameter.stripe : key => [parameter.name, parameter.type, tostring(parameter.value_wo_version)] } == { secret_key = ["/kasper/membership/stripe-secret-key", "SecureString", "1"], webhook_secret = ["/kasper/membership/stripe-webhook-secret", "SecureString", "1"] }
    error_message = "Stripe's secrets are secure strings of which Terraform writes a placeholder once and never reads more."
  }

  assert {
    condition = jsonencode(output.waiting_for) == jsonencode([{
      action = "fleet secrets set kasper membership/stripe-secret-key"
      module = "membership"
      what   = "Stripe's secret key (sk_… or a restricted rk_…)"
      where  = "Systems Manager, Parameter Store: /kasper/membership/stripe-secret-key"
    }])
    error_message = "A secret is waited for as long as its parameter has its first version."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.doubled.metric_name == "SubscriptionsDoubled" && aws_cloudwatch_metric_alarm.doubled.dimensions == tomap({ service = "membership" })
    error_message = "Who is charged twice raises an alarm."
  }
}

run "functions_answer_whom_they_are_for_and_may_do_what_they_need" {
  assert {
    condition = jsonencode({ for by in ["public", "member", "operator"] : by => sort(flatten([for function in local.functions : [for route, who in try(function.routes, {}) : route if who == by]])) }) == jsonencode({
      public   = ["GET /membership/tiers", "POST /membership/stripe-webhook"]
      member   = ["GET /membership/me", "POST /membership/checkout", "POST /membership/portal"]
      operator = ["GET /membership/figures", "GET /membership/members"]
    })
    error_message = "Everybody sees the tiers, members their own, operators all."
  }

  assert {
    condition     = toset(keys(output.route_throttles)) == toset(["POST /membership/checkout", "POST /membership/portal", "POST /membership/stripe-webhook"])
    error_message = "Routes that ask Stripe have limits of their own."
  }

  assert {
    condition     = local.functions.reconcile_members.schedule == "rate(1 hour)" && local.functions.membership_privacy.background
    error_message = "Whose time is over is looked at every hour, and operators call what exports and erases."
  }

  assert {
    condition = {
      for name, function in local.functions : name => {
        for pair in flatten([for permission in function.permissions : [for resource in permission.resources : { on = regex("[^:]*$", resource), may = permission.actions }]]) : pair.on => [for action in pair.may : regex("[^:]*$", action)]...
      }
      } == {
      get_membership = {
        "table/kasper-membership" = [["GetItem"]]
      }
      manage_subscription = {
        "table/kasper-membership"                       = [["GetItem", "PutItem", "DeleteItem"]]
        "parameter/kasper/membership/stripe-secret-key" = [["GetParameter"]]
      }
      membership_webhook = {
        "table/kasper-membership"                           = [["GetItem", "PutItem", "DeleteItem"]]
        "parameter/kasper/membership/stripe-secret-key"     = [["GetParameter"]]
        "parameter/kasper/membership/stripe-webhook-secret" = [["GetParameter"]]
      }
      manage_members = {
        "table/kasper-membership/index/gsi1" = [["Query"]]
      }
      reconcile_members = {
        "table/kasper-membership/index/gsi1"            = [["Query"]]
        "table/kasper-membership"                       = [["GetItem", "PutItem", "DeleteItem"]]
        "parameter/kasper/membership/stripe-secret-key" = [["GetParameter"]]
      }
      membership_privacy = {
        "table/kasper-membership"                       = [["GetItem", "PutItem", "DeleteItem"]]
        "parameter/kasper/membership/stripe-secret-key" = [["GetParameter"]]
      }
    }
    error_message = "Only what asks Stripe may read its key, only the webhook its signing secret, and each function touches what its own code does."
  }
}

run "refuses_wrong_settings" {
  command = plan

  variables {
    settings = {
      currency = "JPY"
      tiers = [
        { id = "Bee", name = "", price = 99.5, benefits = [] },
        { id = "Bee", name = "Bee", price = 500, benefits = [] },
      ]
      grace_days = 31
    }
    stripe_api_base = "https://stripe.example.com"
  }

  expect_failures = [var.settings, var.stripe_api_base]
}
