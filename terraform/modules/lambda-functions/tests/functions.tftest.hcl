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
}

variables {
  module = "sponsor-system"
  creator = {
    slug       = "kasper"
    name       = "Kasper Kast"
    domain     = "kasper.live"
    account_id = "111122223333"
    language   = "de"
    mail_from  = "hello@kasper.live"
    members    = { issuer = "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_kasper", client_id = "1example" }
  }
  api = { id = "a1b2c3d4e5", execution_arn = "arn:aws:execute-api:eu-central-1:111122223333:a1b2c3d4e5", authorizer_id = "auth01" }
  code = {
    bucket       = "kasper-lambda-artifacts-111122223333"
    key          = "sponsor-system/abc.zip"
    hash         = "q83v"
    layer_arn    = "arn:aws:lambda:eu-central-1:111122223333:layer:kasper-libraries:1"
    runtime      = "python3.12"
    architecture = "arm64"
  }
  failures_arn = "arn:aws:sqs:eu-central-1:111122223333:kasper-failures"
  environment  = { SPONSORS_TABLE = "kasper-sponsors" }
  functions = {
    take_booking = {
      description = "Takes a booking"
      routes      = { "POST /bookings" = "public", "GET /bookings" = "operator", "GET /bookings/mine" = "member", "GET /bookings/all" = "moderator" }
      throttle    = { rate = 2, burst = 5 }
      permissions = [{ actions = ["dynamodb:PutItem"], resources = ["arn:aws:dynamodb:eu-central-1:111122223333:table/kasper-sponsors"] }]
    }
    send_mails = {
      description = "Sends mails"
      stream      = { arn = "arn:aws:dynamodb:eu-central-1:111122223333:table/kasper-sponsors/stream/1", filter = "{}" }
      permissions = [{
        actions    = ["ses:SendEmail"]
        resources  = ["arn:aws:ses:eu-central-1:111122223333:identity/kasper.live"]
        conditions = { StringEquals = { "ses:FromAddress" = "hello@kasper.live" } }
      }]
    }
    tidy_up = {
      description = "Tidies up"
      schedule    = "cron(5 0 * * ? *)"
      events      = { live = "{\"source\":[\"aws.ivs\"]}" }
    }
    look_at_upload = {
      description = "Looks at an upload"
      background  = true
    }
    send_letters = {
      description = "Sends letters"
      queue       = { arn = "arn:aws:sqs:eu-central-1:111122223333:kasper-letters", batch_size = 5 }
      permissions = [{ actions = ["cloudwatch:GetMetricData"], resources = ["*"] }]
    }
  }
}

run "runs_what_was_built_as_the_module_and_the_creator" {
  assert {
    condition = alltrue([for name, function in aws_lambda_function.this : (
      function.function_name == "kasper-${replace(name, "_", "-")}"
      && function.handler == "sponsor_system.handlers.${name}.handler"
      && function.runtime == "python3.12" && function.architectures == tolist(["arm64"])
      && function.s3_key == "sponsor-system/abc.zip" && function.source_code_hash == "q83v"
      && function.layers == tolist(["arn:aws:lambda:eu-central-1:111122223333:layer:kasper-libraries:1"])
    )])
    error_message = "Code comes from the artifacts' bucket, with the layer, for the runtime it was built for."
  }

  assert {
    condition = aws_lambda_function.this["take_booking"].environment[0].variables == tomap({
      SPONSORS_TABLE               = "kasper-sponsors"
      CREATOR_SLUG                 = "kasper"
      CREATOR_NAME                 = "Kasper Kast"
      CREATOR_DOMAIN               = "kasper.live"
      CREATOR_LANGUAGE             = "de"
      OPERATOR_ACCOUNT_ID          = "111122223333"
      MAIL_FROM                    = "hello@kasper.live"
      MEMBERS_ISSUER               = "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_kasper"
      MEMBERS_CLIENT_ID            = "1example"
      POWERTOOLS_SERVICE_NAME      = "sponsor-system"
      POWERTOOLS_METRICS_NAMESPACE = "fleet"
      POWERTOOLS_LOG_LEVEL         = "INFO"
    })
    error_message = "Functions know whose they are."
  }

  assert {
    condition     = alltrue([for name, group in aws_cloudwatch_log_group.this : group.name == "/aws/lambda/${aws_lambda_function.this[name].function_name}" && group.retention_in_days == 30])
    error_message = "Logs are kept for 30 days."
  }
}

run "functions_may_do_what_they_need_and_no_more" {
  assert {
    condition = { for name, policy in aws_iam_role_policy.this : name => flatten(jsondecode(policy.policy).Statement[*].Action) } == {
      take_booking = ["logs:CreateLogStream", "logs:PutLogEvents", "dynamodb:PutItem"]
      send_mails   = ["logs:CreateLogStream", "logs:PutLogEvents", "sqs:SendMessage", "dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams", "ses:SendEmail"]
      tidy_up      = ["logs:CreateLogStream", "logs:PutLogEvents", "sqs:SendMessage"]

      look_at_upload = ["logs:CreateLogStream", "logs:PutLogEvents", "sqs:SendMessage"]
      send_letters   = ["logs:CreateLogStream", "logs:PutLogEvents", "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "cloudwatch:GetMetricData"]
    }
    error_message = "Logs for all, failures for what runs in the background, the stream for who reads it, and what was asked for."
  }

  assert {
    condition     = jsondecode(aws_iam_role_policy.this["send_mails"].policy).Statement[3].Condition.StringEquals["ses:FromAddress"] == "hello@kasper.live"
    error_message = "Conditions are kept."
  }

  assert {
    condition     = [for name, policy in aws_iam_role_policy.this : name if strcontains(policy.policy, "\"Resource\":[\"*\"]")] == ["send_letters"]
    error_message = "Every resource is named, where AWS has one."
  }
}

run "routes_are_open_to_whom_they_are_for" {
  assert {
    condition = { for key, route in aws_apigatewayv2_route.this : key => "${route.authorization_type} ${coalesce(route.authorizer_id, "-")}" } == {
      "POST /bookings"     = "NONE -"
      "GET /bookings"      = "AWS_IAM -"
      "GET /bookings/mine" = "JWT auth01"
      "GET /bookings/all"  = "JWT auth01"
    }
    error_message = "Public, signed, and with a member's token."
  }

  assert {
    condition     = length(aws_apigatewayv2_integration.this) == 1 && aws_lambda_permission.api["take_booking"].source_arn == "arn:aws:execute-api:eu-central-1:111122223333:a1b2c3d4e5/*/*"
    error_message = "Only functions with routes are called by the API, and by this one."
  }

  assert {
    condition     = length(output.route_throttles) == 4 && alltrue([for throttle in output.route_throttles : throttle.rate == 2])
    error_message = "A throttle holds for each of the function's routes."
  }
}

run "without_members_their_routes_are_not_there" {
  command = plan

  variables {
    creator = { slug = "kasper", name = "Kasper Kast", domain = "kasper.live", account_id = "111122223333", language = "en" }
    api     = { id = "a1b2c3d4e5", execution_arn = "arn:aws:execute-api:eu-central-1:111122223333:a1b2c3d4e5" }
  }

  assert {
    condition     = toset(keys(aws_apigatewayv2_route.this)) == toset(["POST /bookings", "GET /bookings"])
    error_message = "A route that nobody can be let into does not exist."
  }

  assert {
    condition     = !can(aws_lambda_function.this["take_booking"].environment[0].variables.MEMBERS_ISSUER) && !can(aws_lambda_function.this["take_booking"].environment[0].variables.MAIL_FROM)
    error_message = "Functions are not told of what is not there."
  }
}

run "what_nobody_waits_for_ends_in_the_queue_of_failures" {
  assert {
    condition = toset(keys(aws_lambda_function_event_invoke_config.this)) == toset(["tidy_up", "look_at_upload"]) && alltrue([
      for config in aws_lambda_function_event_invoke_config.this : config.destination_config[0].on_failure[0].destination == var.failures_arn
    ])
    error_message = "Events that could not be handled are kept."
  }

  assert {
    condition = (
      aws_lambda_event_source_mapping.stream["send_mails"].destination_config[0].on_failure[0].destination_arn == var.failures_arn
      && aws_lambda_event_source_mapping.stream["send_mails"].maximum_retry_attempts == 5
      && aws_lambda_event_source_mapping.stream["send_mails"].function_response_types == toset(["ReportBatchItemFailures"])
    )
    error_message = "A record that cannot be handled does not stop the stream."
  }

  assert {
    condition     = aws_cloudwatch_event_rule.schedule["tidy_up"].schedule_expression == "cron(5 0 * * ? *)" && aws_cloudwatch_event_rule.this["tidy_up.live"].event_pattern == "{\"source\":[\"aws.ivs\"]}"
    error_message = "Schedules and events call the function."
  }
}

run "refuses_permissions_for_everything" {
  command = plan

  variables {
    functions = {
      take_booking = {
        description = "Takes a booking"
        permissions = [{ actions = ["dynamodb:*"], resources = ["*"] }]
      }
    }
  }

  expect_failures = [var.functions]
}

run "refuses_unknown_callers" {
  command = plan

  variables {
    functions = { take_booking = { description = "Takes a booking", routes = { "GET /" = "everyone" } } }
  }

  expect_failures = [var.functions]
}

run "a_second_region_and_a_key_of_the_creators_own" {
  variables {
    name_suffix = "-standby"
    creator = {
      slug       = "kasper"
      name       = "Kasper Kast"
      domain     = "kasper.live"
      account_id = "111122223333"
      language   = "de"
      key        = { arn = "arn:aws:kms:eu-central-1:111122223333:key/1" }
      failover   = { region = "eu-west-1", home = "eu-central-1", switch_arn = "arn:aws:dynamodb:eu-central-1:111122223333:table/kasper-region" }
    }
  }

  assert {
    condition     = alltrue([for name, function in aws_lambda_function.this : endswith(function.function_name, "-standby") && aws_iam_role.this[name].name == function.function_name])
    error_message = "Neither functions nor roles of two regions have the same name."
  }

  assert {
    condition     = aws_lambda_function.this["take_booking"].environment[0].variables.SWITCH_TABLE == "kasper-region" && aws_lambda_function.this["take_booking"].environment[0].variables.HOME_REGION == "eu-central-1"
    error_message = "Functions know where it is said which region takes writes."
  }

  assert {
    condition     = toset([for name, policy in aws_iam_role_policy.this : name if strcontains(policy.policy, "table/kasper-region")]) == toset(["take_booking", "tidy_up"])
    error_message = "Who writes for a request or on time reads the switch, and nobody else."
  }

  assert {
    condition     = toset([for name, policy in aws_iam_role_policy.this : name if strcontains(policy.policy, "kms:Decrypt")]) == toset(["take_booking", "send_mails", "tidy_up"])
    error_message = "Who uses a table uses its key, and nobody else."
  }

  assert {
    condition = one([for statement in jsondecode(aws_iam_role_policy.this["take_booking"].policy).Statement : statement if contains(statement.Action, "kms:Decrypt")]) == {
      Effect    = "Allow"
      Action    = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptFrom", "kms:ReEncryptTo"]
      Resource  = ["arn:aws:kms:eu-central-1:111122223333:key/1"]
      Condition = { StringLike = { "kms:ViaService" = ["dynamodb.*.amazonaws.com", "s3.*.amazonaws.com"] } }
    }
    error_message = "The key is used on the way through DynamoDB and S3 only."
  }
}
