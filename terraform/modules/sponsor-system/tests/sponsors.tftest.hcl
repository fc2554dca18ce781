mock_provider "aws" {
  mock_resource "aws_iam_role" {
    defaults = {
      arn = "arn:aws:iam::111122223333:role/example"
    }
  }
  mock_resource "aws_cloudwatch_log_group" {
    defaults = {
      arn = "arn:aws:logs:eu-central-1:111122223333:log-group:example"
    }
  }
}

override_resource {
  target = aws_dynamodb_table.sponsors
  values = { arn = "arn:aws:dynamodb:eu-central-1:111122223333:table/kasper-sponsors" }
}

override_resource {
  target = aws_dynamodb_table.stats
  values = { arn = "arn:aws:dynamodb:eu-central-1:111122223333:table/kasper-sponsor-stats" }
}

variables {
  slug              = "kasper"
  domain            = "kasper.live"
  account_id        = "111122223333"
  rates             = { top = 12000, creator = 20000 }
  api_id            = "a1b2c3d4e5"
  api_execution_arn = "arn:aws:execute-api:eu-central-1:111122223333:a1b2c3d4e5"
  runtime           = "python3.12"
  architecture      = "arm64"
  layer_arn         = "arn:aws:lambda:eu-central-1:111122223333:layer:kasper-libraries:1"
  package           = { bucket = "kasper-lambda-artifacts-111122223333", key = "sponsor-system/abc.zip", hash = "q83v" }
}

run "keeps_its_data_safe" {
  assert {
    condition     = aws_dynamodb_table.sponsors.name == "kasper-sponsors" && aws_dynamodb_table.stats.name == "kasper-sponsor-stats"
    error_message = "Tables hold the creator's slug in their names."
  }

  assert {
    condition = alltrue([for table in [aws_dynamodb_table.sponsors, aws_dynamodb_table.stats] : (
      table.billing_mode == "PAY_PER_REQUEST"
      && table.deletion_protection_enabled
      && table.point_in_time_recovery[0].enabled
      && table.ttl[0].enabled && table.ttl[0].attribute_name == "expires_at"
      && table.hash_key == "pk" && table.range_key == "sk"
    )])
    error_message = "Tables are paid per request, protected, recoverable, and forget what has expired."
  }

  assert {
    condition     = one(aws_dynamodb_table.sponsors.global_secondary_index).name == "gsi1" && one(aws_dynamodb_table.sponsors.global_secondary_index).projection_type == "ALL"
    error_message = "Bookings are found by status in the index gsi1."
  }

  assert {
    condition     = output.sponsor_assets_bucket != null
    error_message = "There is a bucket for creatives."
  }
}

run "answers_exactly_its_routes" {
  assert {
    condition = { for key, route in aws_apigatewayv2_route.this : key => route.authorization_type } == {
      "POST /bookings"                  = "NONE"
      "GET /bookings"                   = "AWS_IAM"
      "PUT /bookings/{id}/approve"      = "AWS_IAM"
      "PUT /bookings/{id}/reject"       = "AWS_IAM"
      "GET /sponsors/active"            = "NONE"
      "POST /sponsors/{id}/track/view"  = "NONE"
      "POST /sponsors/{id}/track/click" = "NONE"
    }
    error_message = "Operators' routes take signed calls only, and there is no other route."
  }

  assert {
    condition     = toset(keys(output.route_throttles)) == toset(["POST /bookings", "POST /sponsors/{id}/track/view", "POST /sponsors/{id}/track/click"]) && output.route_throttles["POST /bookings"].rate <= 2
    error_message = "Public routes that write have limits of their own, and bookings a hard one."
  }

  assert {
    condition     = alltrue([for permission in aws_lambda_permission.this : permission.source_arn == "arn:aws:execute-api:eu-central-1:111122223333:a1b2c3d4e5/*/*" && permission.principal == "apigateway.amazonaws.com"])
    error_message = "Functions are called by this API and by nothing else."
  }
}

run "runs_the_functions_that_were_built" {
  assert {
    condition = { for name, function in aws_lambda_function.this : name => [function.function_name, function.handler] } == {
      for name in ["create_booking", "list_bookings", "approve_booking", "reject_booking", "get_active_sponsors", "track_stats"] :
      name => ["kasper-${replace(name, "_", "-")}", "sponsor_system.handlers.${name}.handler"]
    }
    error_message = "One function for each endpoint, named after the creator and the endpoint."
  }

  assert {
    condition = alltrue([for function in aws_lambda_function.this : (
      function.runtime == "python3.12"
      && function.architectures == tolist(["arm64"])
      && function.layers == tolist(["arn:aws:lambda:eu-central-1:111122223333:layer:kasper-libraries:1"])
      && function.s3_key == "sponsor-system/abc.zip" && function.source_code_hash == "q83v"
      && function.filename == null
    )])
    error_message = "Code comes from the artifacts' bucket, with the layer, for the runtime it was built for."
  }

  assert {
    condition = aws_lambda_function.this["create_booking"].environment[0].variables == tomap({
      SPONSORS_TABLE               = "kasper-sponsors"
      STATS_TABLE                  = "kasper-sponsor-stats"
      ASSETS_BUCKET                = output.sponsor_assets_bucket
      RATES                        = "{\"creator\":20000,\"top\":12000}"
      CURRENCY                     = "EUR"
      MAX_DAYS                     = "90"
      CREATOR_SLUG                 = "kasper"
      CREATOR_DOMAIN               = "kasper.live"
      OPERATOR_ACCOUNT_ID          = "111122223333"
      POWERTOOLS_SERVICE_NAME      = "sponsor-system"
      POWERTOOLS_METRICS_NAMESPACE = "fleet"
      POWERTOOLS_LOG_LEVEL         = "INFO"
    })
    error_message = "The environment is what the functions' settings read."
  }

  assert {
    condition     = alltrue([for name, group in aws_cloudwatch_log_group.this : group.name == "/aws/lambda/${aws_lambda_function.this[name].function_name}" && group.retention_in_days == 30])
    error_message = "Logs are kept for 30 days."
  }

  assert {
    condition     = alltrue([for name, alarm in aws_cloudwatch_metric_alarm.errors : alarm.dimensions == tomap({ FunctionName = aws_lambda_function.this[name].function_name })])
    error_message = "Each function's errors raise an alarm."
  }
}

run "functions_may_do_what_they_need_and_no_more" {
  assert {
    condition = alltrue([for policy in aws_iam_role_policy.this : alltrue([for statement in jsondecode(policy.policy).Statement : (
      statement.Effect == "Allow"
      && alltrue([for action in statement.Action : !strcontains(action, "*")])
      && alltrue([for resource in statement.Resource : startswith(resource, "arn:aws:") && resource != "arn:aws:*"])
    )])])
    error_message = "No policy holds a wildcard action or an unnamed resource."
  }

  assert {
    condition = jsonencode({
      for name, policy in aws_iam_role_policy.this : name => {
        for pair in flatten([
          for statement in jsondecode(policy.policy).Statement : [
            for resource in statement.Resource : { table = split("table/", resource)[1], actions = [for action in statement.Action : split(":", action)[1]] } if strcontains(resource, ":dynamodb:")
          ]
        ]) : pair.table => pair.actions
      }
      }) == jsonencode({
      create_booking      = { kasper-sponsors = ["GetItem", "PutItem"] }
      list_bookings       = { "kasper-sponsors/index/gsi1" = ["Query"] }
      approve_booking     = { kasper-sponsors = ["GetItem", "PutItem", "BatchGetItem"] }
      reject_booking      = { kasper-sponsors = ["GetItem", "PutItem"] }
      get_active_sponsors = { kasper-sponsors = ["BatchGetItem"] }
      track_stats         = { kasper-sponsors = ["GetItem"], kasper-sponsor-stats = ["GetItem", "PutItem", "UpdateItem"] }
    })
    error_message = "Each function has the table permissions of its own code."
  }

  assert {
    condition     = length(distinct([for role in aws_iam_role.this : role.name])) == 6 && alltrue([for role in aws_iam_role.this : startswith(role.name, "kasper-")])
    error_message = "Each function has a role of its own that holds the creator's slug."
  }
}

run "data_may_be_given_up" {
  variables {
    protect_data = false
  }

  assert {
    condition     = !aws_dynamodb_table.sponsors.deletion_protection_enabled && !aws_dynamodb_table.stats.deletion_protection_enabled
    error_message = "protect_data = false takes the protection off."
  }
}

run "refuses_wrong_values" {
  command = plan

  variables {
    slug       = "kasper-"
    account_id = "1234"
    currency   = "JPY"
    rates      = { middle = 100 }
    max_days   = 100
  }

  expect_failures = [var.slug, var.account_id, var.currency, var.rates, var.max_days]
}

run "refuses_fractions_of_a_cent" {
  command = plan

  variables {
    rates = { top = 0.5 }
  }

  expect_failures = [var.rates]
}
