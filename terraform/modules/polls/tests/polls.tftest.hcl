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
    defaults = { arn = "arn:aws:dynamodb:eu-central-1:111122223333:table/kasper-polls" }
  }
}

variables {
  settings = { guests = true }
  creator = {
    slug       = "kasper"
    name       = "Kasper Kast"
    domain     = "kasper.live"
    account_id = "111122223333"
    language   = "de"
    members    = { issuer = "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_kasper", client_id = "1example" }
  }
  api = { id = "a1b2c3d4e5", execution_arn = "arn:aws:execute-api:eu-central-1:111122223333:a1b2c3d4e5", authorizer_id = "auth01" }
  code = {
    bucket       = "kasper-lambda-artifacts-111122223333"
    key          = "polls/abc.zip"
    hash         = "q83v"
    layer_arn    = "arn:aws:lambda:eu-central-1:111122223333:layer:kasper-libraries:1"
    runtime      = "python3.12"
    architecture = "arm64"
  }
  failures_arn = "arn:aws:sqs:eu-central-1:111122223333:kasper-failures"
}

run "answers_guests_members_admins_and_operators" {
  assert {
    condition = module.functions.names == {
      for name in ["show_polls", "guest_votes", "member_votes", "manage_polls", "tidy_polls", "polls_privacy"] :
      name => "kasper-${replace(name, "_", "-")}"
    }
    error_message = "There are six functions, named after the creator."
  }

  assert {
    condition = (
      output.polls_table == "kasper-polls" && local.functions.tidy_polls.schedule == "rate(15 minutes)"
      && local.functions.polls_privacy.background && !can(local.functions.polls_privacy.routes)
    )
    error_message = "Polls that are over are counted every quarter of an hour; people's data is nobody's route."
  }

  assert {
    condition = { for name, function in local.functions : name => toset(values(function.routes)) if can(function.routes) } == {
      show_polls   = toset(["public", "member"])
      guest_votes  = toset(["public"])
      member_votes = toset(["member"])
      manage_polls = toset(["admin", "operator"])
    }
    error_message = "Guests vote by a function of their own, and nobody but admins and operators manages polls."
  }

  assert {
    condition     = { for route, throttle in output.route_throttles : route => throttle.rate } == { "GET /polls" = 200, "GET /polls/{id}" = 200, "GET /polls/{id}/votes/mine" = 200, "POST /polls/guest-token" = 500, "POST /polls/{id}/votes" = 500, "POST /polls/{id}/votes/mine" = 500 }
    error_message = "What everybody may call has limits that a live show fits in."
  }
}

run "functions_may_do_what_they_need_and_no_more" {
  assert {
    condition = { for name, function in local.functions : name => {
      for permission in function.permissions : join(" ", [for action in permission.actions : trimprefix(action, "dynamodb:")]) => try(values(permission.conditions)[0]["dynamodb:LeadingKeys"], "any")...
      } } == {
      show_polls = {
        "BatchGetItem GetItem" = ["POLL#*"]
        "GetItem"              = ["GUEST_KEY#*"]
        "Query"                = ["any"]
      }
      guest_votes = {
        "BatchGetItem GetItem" = ["POLL#*"]
        "PutItem UpdateItem"   = ["POLL#*#TALLY#*"]
        "GetItem"              = ["GUEST_KEY#*"]
        "PutItem"              = ["GUEST_KEY#*"]
        "GetItem PutItem"      = ["SALT#*"]
        "UpdateItem"           = ["RATE#*"]
      }
      member_votes = {
        "BatchGetItem GetItem" = ["POLL#*"]
        "PutItem UpdateItem"   = ["POLL#*#TALLY#*"]
      }
      manage_polls = {
        "BatchGetItem GetItem PutItem UpdateItem DeleteItem" = ["any"]
        "Query"                                              = ["any"]
      }
      tidy_polls = {
        "BatchGetItem BatchWriteItem GetItem PutItem UpdateItem DeleteItem Query" = ["any"]
      }
      polls_privacy = {
        "BatchGetItem GetItem"  = ["POLL#*"]
        "UpdateItem DeleteItem" = ["POLL#*#TALLY#*"]
        "Query"                 = ["JOB"]
      }
    }
    error_message = "Who votes can change no poll, and reads neither jobs nor other creators' anything."
  }

  assert {
    condition = toset(flatten([for function in local.functions : [for permission in function.permissions : permission.resources]])) == toset([
      "arn:aws:dynamodb:eu-central-1:111122223333:table/kasper-polls",
      "arn:aws:dynamodb:eu-central-1:111122223333:table/kasper-polls/index/gsi1",
    ])
    error_message = "The one table and its index are all that is touched."
  }
}

run "may_be_for_members_alone" {
  command = plan

  variables {
    settings = { guests = false }
  }

  assert {
    condition     = !contains(keys(module.functions.names), "guest_votes") && contains(keys(module.functions.names), "member_votes")
    error_message = "Without guests nobody hands out tokens or takes their votes."
  }
}

run "refuses_settings_that_are_none" {
  command = plan

  variables {
    settings = { guests = null }
  }

  expect_failures = [var.settings]
}
