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
    defaults = {
      arn        = "arn:aws:dynamodb:eu-central-1:111122223333:table/kasper-events"
      stream_arn = "arn:aws:dynamodb:eu-central-1:111122223333:table/kasper-events/stream/2026-05-20T12:00:00.000"
    }
  }
}

variables {
  settings = { reminder_hours = [24, 1], time_zone = "Europe/Berlin" }
  mail = {
    actions    = ["ses:SendEmail"]
    resources  = ["arn:aws:ses:eu-central-1:111122223333:identity/kasper.live"]
    conditions = { StringEquals = { "ses:FromAddress" = "hello@kasper.live" } }
  }
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
    key          = "events/abc.zip"
    hash         = "q83v"
    layer_arn    = "arn:aws:lambda:eu-central-1:111122223333:layer:kasper-libraries:1"
    runtime      = "python3.12"
    architecture = "arm64"
  }
  failures_arn = "arn:aws:sqs:eu-central-1:111122223333:kasper-failures"
}

run "answers_everybody_members_admins_and_operators" {
  assert {
    condition = module.functions.names == {
      for name in ["get_programme", "sign_up_guests", "sign_up_members", "manage_events", "tend_events", "events_privacy"] :
      name => "kasper-${replace(name, "_", "-")}"
    } && output.events_table == "kasper-events"
    error_message = "There are six functions and a table, named after the creator."
  }

  assert {
    condition = toset([for route, throttle in output.route_throttles : route]) == toset([
      "GET /events", "GET /events/{id}", "GET /events.ics", "GET /events/{id}/calendar.ics",
      "POST /events/{id}/sign-ups", "POST /events/{id}/sign-ups/confirm", "DELETE /events/{id}/sign-ups",
      "GET /events/{id}/sign-up", "PUT /events/{id}/sign-up", "DELETE /events/{id}/sign-up",
    ])
    error_message = "Every route of everybody and of members has a hard limit of its own."
  }

  assert {
    condition = (
      local.functions.tend_events.schedule == "rate(15 minutes)" && !can(local.functions.tend_events.routes)
      && jsondecode(local.functions.tend_events.stream.filter) == {
        eventName = ["INSERT", "MODIFY"]
        dynamodb  = { Keys = { sk = { S = [{ prefix = "SIGN_UP#" }, { prefix = "NEWS#" }] } } }
      }
      && local.functions.events_privacy.background && !can(local.functions.events_privacy.routes)
    )
    error_message = "Letters go out at once and every quarter of an hour; people's data is nobody's route."
  }
}

run "functions_may_do_what_they_need_and_no_more" {
  assert {
    condition = jsonencode(local.functions.get_programme.permissions) == jsonencode([
      { actions = ["dynamodb:GetItem"], conditions = { "ForAllValues:StringLike" = { "dynamodb:LeadingKeys" = "EVENT#*" } }, resources = ["arn:aws:dynamodb:eu-central-1:111122223333:table/kasper-events"] },
      { actions = ["dynamodb:Query"], conditions = { "ForAllValues:StringLike" = { "dynamodb:LeadingKeys" = "PROGRAMME" } }, resources = ["arn:aws:dynamodb:eu-central-1:111122223333:table/kasper-events/index/gsi1"] },
    ])
    error_message = "What everybody may call reads events, and nothing of their guests."
  }

  assert {
    condition = {
      for name, function in local.functions : name => [
        for permission in function.permissions : join(" ", concat(
          [for action in permission.actions : split(":", action)[1]],
          [for operator, keys in permission.conditions : values(keys)[0]],
        ))
      ]
      } == {
      get_programme   = ["GetItem EVENT#*", "Query PROGRAMME"]
      sign_up_guests  = ["GetItem UpdateItem EVENT#*", "GetItem Query PutItem UpdateItem DeleteItem GUESTS#*", "GetItem PutItem SECRET", "GetItem PutItem SALT#*", "UpdateItem RATE#*"]
      sign_up_members = ["GetItem UpdateItem EVENT#*", "GetItem Query PutItem UpdateItem DeleteItem GUESTS#*", "GetItem PutItem SECRET", "AdminGetUser"]
      manage_events   = ["GetItem UpdateItem EVENT#*", "GetItem Query PutItem UpdateItem DeleteItem GUESTS#*", "GetItem PutItem SECRET", "PutItem EVENT#*", "GetItem PutItem IDEMPOTENCY#*", "Query SIGN_UPS#*"]
      tend_events     = ["GetItem UpdateItem EVENT#*", "GetItem Query PutItem UpdateItem DeleteItem GUESTS#*", "GetItem PutItem SECRET", "Query PROGRAMME", "SendEmail hello@kasper.live"]
      events_privacy  = ["GetItem UpdateItem EVENT#*", "GetItem Query PutItem UpdateItem DeleteItem GUESTS#*", "GetItem PutItem SECRET", "Query WHO#*"]
    }
    error_message = "Only what tends events may send mail, and only what signs members up may look at the user pool."
  }

  assert {
    condition     = local.functions.sign_up_members.permissions[3].resources == ["arn:aws:cognito-idp:eu-central-1:111122223333:userpool/eu-central-1_kasper"]
    error_message = "Members are looked up in the creator's own pool."
  }
}

run "works_without_members" {
  command = plan

  variables {
    creator = {
      slug       = "kasper"
      name       = "Kasper Kast"
      domain     = "kasper.live"
      account_id = "111122223333"
      language   = "de"
      mail_from  = "hello@kasper.live"
    }
    api = { id = "a1b2c3d4e5", execution_arn = "arn:aws:execute-api:eu-central-1:111122223333:a1b2c3d4e5" }
  }

  assert {
    condition     = length(local.functions.sign_up_members.permissions) == 3
    error_message = "Without a user pool there is nobody to look up."
  }
}

run "refuses_settings_that_the_functions_would_refuse" {
  command = plan

  variables {
    settings = { reminder_hours = [0], time_zone = "Europe/Berlin; DROP" }
  }

  expect_failures = [var.settings]
}
