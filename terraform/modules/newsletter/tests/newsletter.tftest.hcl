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
      arn        = "arn:aws:dynamodb:eu-central-1:111122223333:table/kasper-newsletter"
      stream_arn = "arn:aws:dynamodb:eu-central-1:111122223333:table/kasper-newsletter/stream/2026-05-20T12:00:00.000"
    }
  }
  mock_resource "aws_sqs_queue" {
    defaults = {
      arn = "arn:aws:sqs:eu-central-1:111122223333:kasper-newsletter"
      url = "https://sqs.eu-central-1.amazonaws.com/111122223333/kasper-newsletter"
    }
  }
  mock_resource "aws_sesv2_configuration_set" {
    defaults = { arn = "arn:aws:ses:eu-central-1:111122223333:configuration-set/kasper-newsletter" }
  }
}

variables {
  settings = {
    topics           = { news = "News" }
    mails_per_second = 10
    imprint          = "Kasper Kast, Example Street 1, 12345 Berlin"
  }
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
    key          = "newsletter/abc.zip"
    hash         = "q83v"
    layer_arn    = "arn:aws:lambda:eu-central-1:111122223333:layer:kasper-libraries:1"
    runtime      = "python3.12"
    architecture = "arm64"
  }
  failures_arn = "arn:aws:sqs:eu-central-1:111122223333:kasper-failures"
}

run "listens_to_its_own_mail_alone_and_queues_jobs" {
  assert {
    condition = (
      output.newsletter_table == "kasper-newsletter" && output.configuration_set == "kasper-newsletter" &&
      aws_sesv2_configuration_set.this.delivery_options[0].tls_policy == "REQUIRE" &&
      length(aws_sesv2_configuration_set.this.tracking_options) == 0
    )
    error_message = "Letters have a configuration set of their own, which tracks nobody."
  }

  assert {
    condition = (
      toset(one(aws_sesv2_configuration_set_event_destination.bus.event_destination).matching_event_types) == toset(["BOUNCE", "COMPLAINT"]) &&
      one(one(aws_sesv2_configuration_set_event_destination.bus.event_destination).event_bridge_destination).event_bus_arn == "arn:aws:events:eu-central-1:111122223333:event-bus/default"
    )
    error_message = "EventBridge hears of bounces and complaints, and of nothing that a reader does."
  }

  assert {
    condition = jsondecode(local.functions.record_feedback.events.feedback) == {
      source      = ["aws.ses"]
      detail-type = ["Email Bounced", "Email Complaint Received"]
      detail      = { mail = { tags = { "ses:configuration-set" = ["kasper-newsletter"] } } }
    }
    error_message = "Other modules' mail is none of its business."
  }

  assert {
    condition = (
      aws_sqs_queue.jobs.visibility_timeout_seconds == 360 && aws_sqs_queue.jobs.sqs_managed_sse_enabled &&
      jsondecode(aws_sqs_queue.jobs.redrive_policy) == { deadLetterTargetArn = "arn:aws:sqs:eu-central-1:111122223333:kasper-failures", maxReceiveCount = 10 } &&
      local.functions.send_letters.timeout == 60 && local.functions.send_letters.queue.batch_size == 1
    )
    error_message = "A job is hidden for six times as long as a sender may take, and goes to the queue of failures in the end."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.stopped.metric_name == "LettersStopped" && aws_cloudwatch_metric_alarm.stopped.dimensions == tomap({ service = "newsletter" })
    error_message = "A letter that stops by itself raises an alarm."
  }
}

run "answers_its_routes" {
  assert {
    condition = (
      alltrue([for function in ["subscriptions", "letter_archive"] : alltrue([for by in values(local.functions[function].routes) : by == "public"])]) &&
      alltrue([for route, by in local.functions.edit_letters.routes : by == (strcontains(route, " /operator/") ? "operator" : "admin")]) &&
      alltrue([for by in values(local.functions.subscriber_lists.routes) : by == "operator"]) &&
      alltrue([for name in ["send_confirmations", "fan_out_letter", "send_letters", "record_feedback", "newsletter_privacy"] : !can(local.functions[name].routes)])
    )
    error_message = "Readers subscribe and read, admins and operators write, operators alone see lists."
  }

  assert {
    condition = length(output.route_throttles) == 6 && alltrue([
      for route in keys(local.functions.subscriptions.routes) : output.route_throttles[route] == { rate = 10, burst = 20 }
    ])
    error_message = "What everybody may change has a hard limit of its own."
  }

  assert {
    condition = (
      jsondecode(local.functions.fan_out_letter.stream.filter).dynamodb.Keys.sk.S == ["LETTER"] &&
      jsondecode(local.functions.send_confirmations.stream.filter).dynamodb.Keys.sk.S == ["PENDING"] &&
      local.functions.fan_out_letter.schedule == "rate(15 minutes)" && local.functions.newsletter_privacy.background
    )
    error_message = "The stream calls those who ask and those who plan, and letters that stand still are taken up on time."
  }

  assert {
    condition = jsonencode(module.functions.environment) == jsonencode({
      NEWSLETTER_TABLE  = "kasper-newsletter"
      QUEUE_URL         = "https://sqs.eu-central-1.amazonaws.com/111122223333/kasper-newsletter"
      CONFIGURATION_SET = "kasper-newsletter"
      TOPICS            = "{\"news\":\"News\"}"
      MAILS_PER_SECOND  = "10"
      SENDERS           = "2"
      IMPRINT           = "Kasper Kast, Example Street 1, 12345 Berlin"
      API_URL           = "https://a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com"
    })
    error_message = "The functions are told what they have to know."
  }
}

run "functions_may_do_what_they_need_and_no_more" {
  variables {
    settings = { topics = { news = "News" }, mails_per_second = 100, imprint = "Kasper Kast, Example Street 1" }
  }

  # Each permission in short: on what, for which keys of the table, and what of DynamoDB or of another service.
  assert {
    condition = jsonencode({
      for name, function in local.functions : name => [
        for permission in function.permissions : join(" ", concat(
          [join(",", [for resource in permission.resources : regex("[^:]+$", resource)])],
          [for keys in values(try(permission.conditions, {})) : join(",", values(keys))],
          [for action in permission.actions : trimprefix(action, "dynamodb:")],
        ))
      ]
      }) == jsonencode({
      subscriptions = ["table/kasper-newsletter GetItem BatchGetItem PutItem UpdateItem DeleteItem ConditionCheckItem"]
      letter_archive = [
        "table/kasper-newsletter LETTER#* BatchGetItem",
        "table/kasper-newsletter/index/gsi1 LETTERS#* Query",
      ]
      edit_letters = [
        "table/kasper-newsletter GetItem BatchGetItem PutItem UpdateItem",
        "table/kasper-newsletter LETTER#* DeleteItem",
        "table/kasper-newsletter/index/gsi1 LETTERS#* Query",
        "identity/kasper.live,configuration-set/kasper-newsletter hello@kasper.live ses:SendEmail",
        "userpool/eu-central-1_kasper cognito-idp:AdminGetUser",
      ]
      subscriber_lists = [
        "table/kasper-newsletter/index/gsi1 Query",
        "table/kasper-newsletter GetItem BatchGetItem",
        "table/kasper-newsletter SECRET PutItem",
        "table/kasper-newsletter BLOCKED#* DeleteItem",
        "table/kasper-newsletter SOFT#* DeleteItem",
      ]
      send_confirmations = [
        "table/kasper-newsletter SECRET GetItem PutItem",
        "table/kasper-newsletter PENDING#* UpdateItem",
        "identity/kasper.live,configuration-set/kasper-newsletter hello@kasper.live ses:SendEmail",
      ]
      fan_out_letter = [
        "table/kasper-newsletter,table/kasper-newsletter/index/gsi1 Query",
        "table/kasper-newsletter BatchGetItem PutItem UpdateItem",
        "kasper-newsletter sqs:SendMessage",
      ]
      send_letters = [
        "table/kasper-newsletter GetItem BatchGetItem Query PutItem UpdateItem DeleteItem",
        "identity/kasper.live,configuration-set/kasper-newsletter hello@kasper.live ses:SendEmail",
      ]
      record_feedback = ["table/kasper-newsletter BatchGetItem PutItem UpdateItem"]
      newsletter_privacy = [
        "table/kasper-newsletter/index/gsi1 Query",
        "table/kasper-newsletter GetItem BatchGetItem PutItem UpdateItem DeleteItem",
      ]
    })
    error_message = "A function may do more, or less, than it should."
  }

  assert {
    condition = jsonencode(local.mail) == jsonencode({
      actions    = ["ses:SendEmail"]
      resources  = ["arn:aws:ses:eu-central-1:111122223333:identity/kasper.live", "arn:aws:ses:eu-central-1:111122223333:configuration-set/kasper-newsletter"]
      conditions = { StringEquals = { "ses:FromAddress" = "hello@kasper.live" } }
    }) && jsonencode(local.pool) == jsonencode(["arn:aws:cognito-idp:eu-central-1:111122223333:userpool/eu-central-1_kasper"])
    error_message = "Mail goes from the creator's address, with the newsletter's configuration set; people are looked up in the creator's own pool."
  }

  assert {
    condition     = local.functions.send_letters.queue.max_concurrency == 20 && module.functions.environment.SENDERS == "20"
    error_message = "Senders and the share that each of them takes are one figure."
  }
}

run "refuses_what_cannot_be" {
  command = plan

  variables {
    settings = { topics = { "No Topic" = "News" }, mails_per_second = 101, imprint = "" }
  }

  expect_failures = [var.settings]
}
