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
  mock_resource "aws_dynamodb_table" {
    defaults = { arn = "arn:aws:dynamodb:eu-central-1:111122223333:table/kasper-chat" }
  }
  mock_resource "aws_ivschat_room" {
    defaults = { arn = "arn:aws:ivschat:eu-central-1:111122223333:room/AbCdEf012345" }
  }
  mock_resource "aws_ivschat_logging_configuration" {
    defaults = { arn = "arn:aws:ivschat:eu-central-1:111122223333:logging-configuration/AbCdEf012345" }
  }
}

variables {
  settings = {
    max_message_chars   = 300
    messages_per_second = 10
    guests              = true
    blocked_words       = ["idiot", "go away"]
    log_retention_days  = 30
  }
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
    key          = "ivs-chat/abc.zip"
    hash         = "q83v"
    layer_arn    = "arn:aws:lambda:eu-central-1:111122223333:layer:kasper-libraries:1"
    runtime      = "python3.12"
    architecture = "arm64"
  }
  failures_arn = "arn:aws:sqs:eu-central-1:111122223333:kasper-failures"
}

run "makes_a_room_that_asks_before_it_delivers" {
  assert {
    condition = (
      aws_ivschat_room.this.name == "kasper" && output.room_arn == aws_ivschat_room.this.arn
      && aws_ivschat_room.this.maximum_message_length == 300 && aws_ivschat_room.this.maximum_message_rate_per_second == 10
    )
    error_message = "The room has the limits of the settings."
  }

  assert {
    condition     = aws_ivschat_room.this.message_review_handler[0].uri == module.reviews.arns["review_message"] && aws_ivschat_room.this.message_review_handler[0].fallback_result == "DENY"
    error_message = "What cannot be reviewed is not delivered."
  }

  assert {
    condition = (
      aws_lambda_permission.review.principal == "ivschat.amazonaws.com" && aws_lambda_permission.review.function_name == "kasper-review-message"
      && aws_lambda_permission.review.source_account == "111122223333"
      && aws_lambda_permission.review.source_arn == "arn:aws:ivschat:eu-central-1:111122223333:room/*"
    )
    error_message = "Only rooms of this account call the review."
  }

  assert {
    condition     = jsondecode(jsondecode(aws_dynamodb_table_item.blocked_words.item).blocked.S) == ["idiot", "go away"]
    error_message = "The review finds the blocked words in the table."
  }

  assert {
    condition = (
      aws_cloudwatch_log_group.messages[0].name == "/aws/vendedlogs/ivschat/kasper" && aws_cloudwatch_log_group.messages[0].retention_in_days == 30
      && aws_ivschat_logging_configuration.messages[0].destination_configuration[0].cloudwatch_logs[0].log_group_name == "/aws/vendedlogs/ivschat/kasper"
      && aws_ivschat_room.this.logging_configuration_identifiers == tolist([aws_ivschat_logging_configuration.messages[0].arn])
    )
    error_message = "Messages are kept for as long as the settings say."
  }

  assert {
    condition     = output.chat_table == "kasper-chat"
    error_message = "The table has the creator's name."
  }
}

run "answers_its_routes" {
  command = plan

  assert {
    condition = merge([for function in local.functions : try(function.routes, {})]...) == {
      "POST /chat/guest-token"     = "public"
      "POST /chat/token"           = "member"
      "DELETE /chat/messages/{id}" = "moderator"
      "PUT /chat/bans/{member}"    = "moderator"
      "DELETE /chat/bans/{member}" = "moderator"
      "GET /chat/bans"             = "moderator"
      "PUT /chat/slow-mode"        = "moderator"
      "GET /chat/audit"            = "admin"
    }
    error_message = "Guests read, members write, moderators keep order, and nothing else is answered."
  }

  assert {
    condition     = toset(keys(output.route_throttles)) == toset(["POST /chat/guest-token", "POST /chat/token"])
    error_message = "Routes that give tokens have limits of their own."
  }
}

run "functions_may_do_what_they_need_and_no_more" {
  assert {
    condition = jsonencode({ for name, function in merge(local.functions, local.reviews) : name => function.permissions }) == jsonencode({
      guest_token = [
        { actions = ["dynamodb:GetItem", "dynamodb:PutItem"], resources = ["arn:aws:dynamodb:eu-central-1:111122223333:table/kasper-chat"], conditions = { "ForAllValues:StringLike" = { "dynamodb:LeadingKeys" = "SALT#*" } } },
        { actions = ["dynamodb:UpdateItem"], resources = ["arn:aws:dynamodb:eu-central-1:111122223333:table/kasper-chat"], conditions = { "ForAllValues:StringLike" = { "dynamodb:LeadingKeys" = "RATE#*" } } },
        { actions = ["ivschat:CreateChatToken"], resources = ["arn:aws:ivschat:eu-central-1:111122223333:room/AbCdEf012345"] },
      ]
      member_token = [
        { actions = ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"], resources = ["arn:aws:dynamodb:eu-central-1:111122223333:table/kasper-chat"] },
        { actions = ["ivschat:CreateChatToken"], resources = ["arn:aws:ivschat:eu-central-1:111122223333:room/AbCdEf012345"] },
      ]
      moderate_chat = [
        { actions = ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem", "dynamodb:Query"], resources = ["arn:aws:dynamodb:eu-central-1:111122223333:table/kasper-chat"] },
        { actions = ["ivschat:DeleteMessage", "ivschat:DisconnectUser"], resources = ["arn:aws:ivschat:eu-central-1:111122223333:room/AbCdEf012345"] },
      ]
      ivs_chat_privacy = [
        { actions = ["dynamodb:GetItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem", "dynamodb:Query"], resources = ["arn:aws:dynamodb:eu-central-1:111122223333:table/kasper-chat"] },
        { actions = ["logs:FilterLogEvents"], resources = ["arn:aws:logs:eu-central-1:111122223333:log-group:example", "arn:aws:logs:eu-central-1:111122223333:log-group:example:*"] },
      ]
      review_message = [
        { actions = ["dynamodb:Query"], resources = ["arn:aws:dynamodb:eu-central-1:111122223333:table/kasper-chat"], conditions = { "ForAllValues:StringEquals" = { "dynamodb:LeadingKeys" = "ROOM" } } },
        { actions = ["dynamodb:UpdateItem"], resources = ["arn:aws:dynamodb:eu-central-1:111122223333:table/kasper-chat"], conditions = { "ForAllValues:StringLike" = { "dynamodb:LeadingKeys" = "MEMBER#*" } } },
      ]
    })
    error_message = "Each function has what its own code needs, in this room and this table."
  }

  assert {
    condition     = merge(module.functions.names, module.reviews.names) == { for name in ["guest_token", "member_token", "moderate_chat", "ivs_chat_privacy", "review_message"] : name => "kasper-${replace(name, "_", "-")}" }
    error_message = "There are five functions, named after the creator."
  }
}

run "nothing_is_kept_and_nobody_reads_along_where_the_settings_say_so" {
  command   = plan
  state_key = "closed"

  variables {
    protect_data = false
    settings = {
      max_message_chars   = 500
      messages_per_second = 10
      guests              = false
      blocked_words       = []
      log_retention_days  = 0
    }
  }

  assert {
    condition     = length(aws_cloudwatch_log_group.messages) == 0 && length(aws_ivschat_logging_configuration.messages) == 0 && length(aws_ivschat_room.this.logging_configuration_identifiers) == 0
    error_message = "With 0 days no message is logged."
  }

  assert {
    condition     = toset(keys(module.functions.names)) == toset(["member_token", "moderate_chat", "ivs_chat_privacy"]) && !contains(keys(output.route_throttles), "POST /chat/guest-token")
    error_message = "Without guests there is no token for them."
  }
}

run "refuses_what_a_room_cannot_be" {
  command = plan

  variables {
    settings = {
      max_message_chars   = 501
      messages_per_second = 11
      guests              = true
      blocked_words       = ["x"]
      log_retention_days  = 2
    }
  }

  expect_failures = [var.settings]
}
