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

override_resource {
  target = module.contact.aws_dynamodb_table.this
  values = {
    arn        = "arn:aws:dynamodb:eu-central-1:111122223333:table/kasper-contact"
    stream_arn = "arn:aws:dynamodb:eu-central-1:111122223333:table/kasper-contact/stream/2026-05-20T12:00:00.000"
  }
}

variables {
  recipient = "kasper@example.org"
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
  }
  api = { id = "a1b2c3d4e5", execution_arn = "arn:aws:execute-api:eu-central-1:111122223333:a1b2c3d4e5" }
  code = {
    bucket       = "kasper-lambda-artifacts-111122223333"
    key          = "contact-form/abc.zip"
    hash         = "q83v"
    layer_arn    = "arn:aws:lambda:eu-central-1:111122223333:layer:kasper-libraries:1"
    runtime      = "python3.12"
    architecture = "arm64"
  }
  failures_arn = "arn:aws:sqs:eu-central-1:111122223333:kasper-failures"
}

run "keeps_messages_safe_and_not_for_long" {
  assert {
    condition     = output.contact_table == "kasper-contact" && module.contact.stream_arn != null
    error_message = "The table has the creator's name, and a stream tells of its messages."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.waiting.metric_name == "MessagesWaiting" && aws_cloudwatch_metric_alarm.waiting.dimensions == tomap({ service = "contact-form" })
    error_message = "Messages that wait raise an alarm."
  }
}

run "answers_its_routes_and_delivers_in_the_background" {
  assert {
    condition = local.functions.post_message.routes == { "POST /contact" = "public" } && local.functions.count_undelivered.routes == {
      "GET /contact/undelivered" = "operator"
    } && !can(local.functions.deliver_messages.routes)
    error_message = "Everyone may write, operators may count, and nothing else is answered."
  }

  assert {
    condition     = jsonencode(output.route_throttles) == jsonencode({ "POST /contact" = { rate = 2, burst = 5 } })
    error_message = "The public route has a hard limit of its own."
  }

  assert {
    condition = jsondecode(local.functions.deliver_messages.stream.filter) == {
      eventName = ["INSERT"]
      dynamodb  = { Keys = { pk = { S = ["MESSAGE"] } } }
    } && local.functions.deliver_messages.schedule == "rate(1 hour)"
    error_message = "Delivery begins with a new message, and again every hour."
  }

  assert {
    condition = (
      module.functions.names == { for name in ["post_message", "deliver_messages", "count_undelivered", "contact_form_privacy"] : name => "kasper-${replace(name, "_", "-")}" }
    )
    error_message = "There are four functions, named after the creator."
  }
}

run "functions_may_do_what_they_need_and_no_more" {
  assert {
    condition = jsonencode({ for name, function in local.functions : name => function.permissions }) == jsonencode({
      post_message = [
        { actions = ["dynamodb:PutItem", "dynamodb:UpdateItem"], resources = ["arn:aws:dynamodb:eu-central-1:111122223333:table/kasper-contact"] },
        { actions = ["dynamodb:GetItem"], resources = ["arn:aws:dynamodb:eu-central-1:111122223333:table/kasper-contact"], conditions = { "ForAllValues:StringLike" = { "dynamodb:LeadingKeys" = "SALT#*" } } },
        { actions = ["dynamodb:GetItem"], resources = ["arn:aws:dynamodb:eu-central-1:111122223333:table/kasper-contact"], conditions = { "ForAllValues:StringLike" = { "dynamodb:LeadingKeys" = "IDEMPOTENCY#*" } } },
      ]
      deliver_messages = [
        { actions = ["dynamodb:Query", "dynamodb:UpdateItem", "dynamodb:DeleteItem"], resources = ["arn:aws:dynamodb:eu-central-1:111122223333:table/kasper-contact"] },
        { actions = ["ses:SendEmail"], resources = ["arn:aws:ses:eu-central-1:111122223333:identity/kasper.live"], conditions = { StringEquals = { "ses:FromAddress" = "hello@kasper.live" } } },
      ]
      count_undelivered = [
        { actions = ["dynamodb:Query"], resources = ["arn:aws:dynamodb:eu-central-1:111122223333:table/kasper-contact"] },
      ]
      contact_form_privacy = [
        { actions = ["dynamodb:Query", "dynamodb:DeleteItem"], resources = ["arn:aws:dynamodb:eu-central-1:111122223333:table/kasper-contact"], conditions = { "ForAllValues:StringEquals" = { "dynamodb:LeadingKeys" = "MESSAGE" } } },
      ]
    })
    error_message = "Only what delivers or erases may read a message, and only what delivers may send mail, from the creator's address alone."
  }
}

run "refuses_two_recipients" {
  command = plan

  variables {
    recipient = "kasper@example.org,everyone@example.com"
  }

  expect_failures = [var.recipient]
}

run "refuses_a_recipient_that_breaks_the_line" {
  command = plan

  variables {
    recipient = "kasper@example.org\nBcc: everyone@example.com"
  }

  expect_failures = [var.recipient]
}
