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
    defaults = { arn = "arn:aws:dynamodb:eu-central-1:111122223333:table/kasper-monitoring" }
  }
  mock_resource "aws_sns_topic_subscription" {
    defaults = { pending_confirmation = true }
  }
  mock_resource "aws_ssm_parameter" {
    defaults = { version = 1, arn = "arn:aws:ssm:eu-central-1:111122223333:parameter/example" }
  }
  mock_resource "aws_ce_anomaly_monitor" {
    defaults = { arn = "arn:aws:ce::111122223333:anomalymonitor/00000000-0000-4000-8000-000000000001" }
  }
  mock_data "aws_region" {
    defaults = { name = "eu-central-1" }
  }
}

override_resource {
  target = aws_sns_topic.notices
  values = { arn = "arn:aws:sns:eu-central-1:111122223333:kasper-notices" }
}

override_resource {
  target = aws_sns_topic.costs
  values = { arn = "arn:aws:sns:eu-central-1:111122223333:kasper-costs" }
}

variables {
  settings = {
    emails              = ["ops@example.org", "Kasper@example.org"]
    slack               = true
    telegram_chat       = "-1001234567890"
    budget_percent      = [100, 50, 80]
    anomaly_dollars     = 10
    own_anomaly_monitor = true
  }
  contact         = "kasper@example.org"
  monthly_budget  = 150
  enabled_modules = ["s3-website", "user-auth", "ivs-streaming", "shop", "events", "monitoring"]
  channel_arn     = "arn:aws:ivs:eu-central-1:111122223333:channel/AbCdEfGhIjKl"
  has_channel     = true
  failures_queue  = "kasper-failures"
  creator = {
    slug       = "kasper"
    name       = "Kasper Kast"
    domain     = "kasper.live"
    account_id = "111122223333"
    language   = "de"
  }
  api = { id = "a1b2c3d4e5", execution_arn = "arn:aws:execute-api:eu-central-1:111122223333:a1b2c3d4e5" }
  code = {
    bucket       = "kasper-lambda-artifacts-111122223333"
    key          = "monitoring/abc.zip"
    hash         = "q83v"
    layer_arn    = "arn:aws:lambda:eu-central-1:111122223333:layer:kasper-libraries:1"
    runtime      = "python3.12"
    architecture = "arm64"
  }
  failures_arn = "arn:aws:sqs:eu-central-1:111122223333:kasper-failures"
}

run "tells_people_and_waits_for_them" {
  assert {
    condition     = join(" ", keys(aws_sns_topic_subscription.email)) == "kasper@example.org ops@example.org" && aws_sns_topic.notices.kms_master_key_id == "alias/aws/sns"
    error_message = "Everybody gets one e-mail of a topic that is encrypted."
  }

  assert {
    condition = [for topic in [aws_sns_topic_policy.notices, aws_sns_topic_policy.costs] : jsondecode(topic.policy).Statement[length(jsondecode(topic.policy).Statement) - 1] == {
      Sid       = "TlsOnly", Effect = "Deny", Principal = "*", Action = "sns:Publish", Resource = topic.arn
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }] == [true, true]
    error_message = "Both topics take TLS only."
  }

  assert {
    condition = [for statement in jsondecode(aws_sns_topic_policy.costs.policy).Statement : [statement.Principal, statement.Condition] if statement.Effect == "Allow"] == [
      [{ Service = "budgets.amazonaws.com" }, { StringEquals = { "aws:SourceAccount" = "111122223333" }, ArnLike = { "aws:SourceArn" = "arn:aws:budgets::111122223333:*" } }],
      [{ Service = "costalerts.amazonaws.com" }, { StringEquals = { "aws:SourceAccount" = "111122223333" } }],
    ]
    error_message = "Budgets and anomaly detection write to the topic of costs, for this account alone."
  }

  assert {
    condition     = length(jsondecode(aws_sns_topic_policy.notices.policy).Statement) == 1 && aws_sns_topic_subscription.costs.protocol == "lambda" && aws_lambda_permission.costs.source_arn == aws_sns_topic.costs.arn
    error_message = "No service writes to people, and costs go to the function."
  }

  assert {
    condition = { for key, parameter in aws_ssm_parameter.channel : key => parameter.name } == {
      slack    = "/kasper/monitoring/slack-webhook"
      telegram = "/kasper/monitoring/telegram-token"
    } && alltrue([for parameter in aws_ssm_parameter.channel : parameter.type == "SecureString"])
    error_message = "The secrets of both messengers are waited for."
  }

  assert {
    condition = output.waiting_for[*].action == [
      "Open the message from AWS Notifications and follow its link; it holds for two days, and an apply after them sends another",
      "Open the message from AWS Notifications and follow its link; it holds for two days, and an apply after them sends another",
      "fleet secrets set kasper monitoring/slack-webhook",
      "fleet secrets set kasper monitoring/telegram-token",
    ]
    error_message = "What people have to do is said."
  }

  assert {
    condition = [for notice in aws_budgets_budget.monthly.notification : "${notice.notification_type} ${notice.threshold}" if notice.subscriber_sns_topic_arns == toset([aws_sns_topic.costs.arn])] == [
      for notice in aws_budgets_budget.monthly.notification : "${notice.notification_type} ${notice.threshold}"
    ] && toset([for notice in aws_budgets_budget.monthly.notification : "${notice.notification_type} ${notice.threshold}"]) == toset(["ACTUAL 50", "ACTUAL 80", "ACTUAL 100", "FORECASTED 100"])
    error_message = "The budget tells what is spent, and what AWS expects, on the topic of costs."
  }

  assert {
    condition = (
      aws_budgets_budget.monthly.limit_amount == "150.00" && aws_budgets_budget.monthly.time_unit == "MONTHLY" && aws_budgets_budget.monthly.budget_type == "COST"
      && aws_ce_anomaly_subscription.costs[0].frequency == "IMMEDIATE" && aws_ce_anomaly_subscription.costs[0].threshold_expression[0].dimension[0].values == toset(["10"])
      && aws_ce_anomaly_monitor.services[0].monitor_type == "DIMENSIONAL" && aws_ce_anomaly_monitor.services[0].monitor_dimension == "SERVICE"
    )
    error_message = "The budget is the creator's, and unusual costs of any service are told at once."
  }
}

run "functions_hear_every_alarm_and_may_do_no_more_than_they_need" {
  assert {
    condition = jsondecode(local.functions.notify.events.alarms) == {
      source        = ["aws.cloudwatch"]
      "detail-type" = ["CloudWatch Alarm State Change"]
      detail        = { alarmName = [{ prefix = "kasper-" }] }
    } && local.functions.notify.schedule == "rate(5 minutes)" && !can(local.functions.notify.routes)
    error_message = "Every alarm of the creator is heard."
  }

  assert {
    condition = local.functions.check_channels.routes == {
      "GET /monitoring/channels" = "operator", "POST /monitoring/test-notice" = "operator"
      } && jsonencode(output.route_throttles) == jsonencode({
        for route in ["GET /monitoring/channels", "POST /monitoring/test-notice"] : route => { rate = 1, burst = 5 }
    })
    error_message = "Operators look and try, not too often."
  }

  assert {
    condition = jsonencode({ for name, function in local.functions : name => function.permissions }) == jsonencode({
      notify = [
        { actions = ["dynamodb:GetItem", "dynamodb:Query", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"], resources = ["arn:aws:dynamodb:eu-central-1:111122223333:table/kasper-monitoring"] },
        { actions = ["sns:Publish"], resources = ["arn:aws:sns:eu-central-1:111122223333:kasper-notices"] },
        { actions = ["ssm:GetParameter"], resources = ["arn:aws:ssm:eu-central-1:111122223333:parameter/example"] },
        { actions = ["ssm:GetParameter"], resources = ["arn:aws:ssm:eu-central-1:111122223333:parameter/example"] },
      ]
      check_channels = [
        { actions = ["dynamodb:GetItem", "dynamodb:UpdateItem"], resources = ["arn:aws:dynamodb:eu-central-1:111122223333:table/kasper-monitoring"] },
        { actions = ["sns:ListSubscriptionsByTopic"], resources = ["arn:aws:sns:eu-central-1:111122223333:kasper-notices"] },
        { actions = ["sns:Publish"], resources = ["arn:aws:sns:eu-central-1:111122223333:kasper-notices"] },
        { actions = ["ssm:GetParameter"], resources = ["arn:aws:ssm:eu-central-1:111122223333:parameter/example"] },
        { actions = ["ssm:GetParameter"], resources = ["arn:aws:ssm:eu-central-1:111122223333:parameter/example"] },
      ]
    })
    error_message = "Each function may do what it needs, to what it needs."
  }

  assert {
    condition = [for alarm in [
      aws_cloudwatch_metric_alarm.api_error_share, aws_cloudwatch_metric_alarm.api_latency,
      aws_cloudwatch_metric_alarm.function_throttles, aws_cloudwatch_metric_alarm.table_throttles,
    ] : startswith(alarm.alarm_name, "kasper-") && alarm.treat_missing_data == "notBreaching"] == [true, true, true, true]
    error_message = "The module's own alarms are heard too, and silence is no alarm."
  }
}

run "the_dashboard_shows_what_is_on_and_nothing_overlaps" {
  assert {
    condition = alltrue([for widget in jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets : (
      widget.type == "metric" && widget.x >= 0 && widget.x + widget.width <= 24 && widget.height >= 1 && widget.height <= 1000
      && can(widget.properties.title) && can(regex("^[a-z]+-[a-z]+-[0-9]$", widget.properties.region))
      && widget.properties.period % 60 == 0 && length(widget.properties.metrics) > 0
    )])
    error_message = "Widgets are as CloudWatch takes them."
  }

  assert {
    condition = alltrue(flatten([for widget in jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets : [
      for metric in widget.properties.metrics : length(metric) == 1 ? can(regex("^SEARCH\\('\\{[^{}]+\\} [^']+', '(Sum|p95)', [0-9]+\\)$", metric[0].expression)) : alltrue([
        for part in slice(metric, 0, length(metric) - 1) : can(regex("^.+$", part))
      ]) && (length(metric) % 2 == 1)
    ]]))
    error_message = "A metric is a search, or a namespace, a name, pairs of dimensions, and how it is drawn."
  }

  assert {
    condition = sum(flatten([for one in jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets : [
      for other in jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets : 1
      if one.x < other.x + other.width && other.x < one.x + one.width && one.y < other.y + other.height && other.y < one.y + one.height
    ]])) == length(jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets)
    error_message = "A widget overlaps with itself and no other."
  }

  assert {
    condition = jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets[*].properties.title == [
      "Viewers", "Ingest bitrate", "Frames a second, and seconds between keyframes",
      "API: requests", "API: latency", "Queue of failures",
      "Functions: errors and throttles", "Functions: duration, p95", "Functions: at once",
      "Tables: refused requests", "Tables: units written", "Tables: units read",
      "user-auth", "ivs-streaming", "shop", "events", "monitoring",
      "Charges of this month so far",
    ]
    error_message = "There is a row for the stream, and a widget for each module that counts something."
  }

  assert {
    condition     = jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets[0].properties.metrics[0] == ["AWS/IVS", "ConcurrentViews", "Channel", "AbCdEfGhIjKl", { stat = "Maximum" }]
    error_message = "IVS' metrics are found by the channel's id."
  }
}

run "takes_another_monitor_and_less_and_refuses_what_makes_no_sense" {
  command = plan

  variables {
    settings = {
      emails              = ["not an address"]
      slack               = false
      budget_percent      = [0]
      anomaly_dollars     = 10
      own_anomaly_monitor = true
      anomaly_monitor_arn = "arn:aws:ce::111122223333:anomalymonitor/00000000-0000-4000-8000-000000000002"
      telegram_chat       = "a chat"
    }
  }

  expect_failures = [var.settings]
}
