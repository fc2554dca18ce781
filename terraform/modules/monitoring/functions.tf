locals {
  publish = { actions = ["sns:Publish"], resources = [aws_sns_topic.notices.arn] }
  secret  = [for parameter in aws_ssm_parameter.channel : { actions = ["ssm:GetParameter"], resources = [parameter.arn] }]

  # What each function answers, who may call it, and all that it may do.
  functions = {
    notify = {
      description = "Tells alarms and costs by e-mail, Slack and Telegram"
      timeout     = 60
      schedule    = "rate(5 minutes)"
      # Every alarm of the creator, whichever module makes it: their names begin with the slug.
      events = {
        alarms = jsonencode({
          source        = ["aws.cloudwatch"]
          "detail-type" = ["CloudWatch Alarm State Change"]
          detail        = { alarmName = [{ prefix = "${var.creator.slug}-" }] }
        })
      }
      permissions = concat([
        { actions = ["dynamodb:GetItem", "dynamodb:Query", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"], resources = [module.table.arn] },
        local.publish,
      ], local.secret)
    }
    check_channels = {
      description = "Says whether notices reach people, and tries it"
      timeout     = 29
      routes = {
        "GET /monitoring/channels"     = "operator"
        "POST /monitoring/test-notice" = "operator"
      }
      throttle = { rate = 1, burst = 5 }
      permissions = concat([
        { actions = ["dynamodb:GetItem", "dynamodb:UpdateItem"], resources = [module.table.arn] },
        { actions = ["sns:ListSubscriptionsByTopic"], resources = [aws_sns_topic.notices.arn] },
        local.publish,
      ], local.secret)
    }
  }
}

module "functions" {
  source = "../lambda-functions"

  module             = "monitoring"
  creator            = local.creator
  api                = var.api
  code               = var.code
  functions          = local.functions
  failures_arn       = var.failures_arn
  log_retention_days = var.log_retention_days
  tags               = var.tags

  environment = {
    MONITORING_TABLE   = module.table.name
    NOTICES_TOPIC_ARN  = aws_sns_topic.notices.arn
    FAILURES_QUEUE_URL = "https://sqs.${local.region}.amazonaws.com/${var.creator.account_id}/${var.failures_queue}"
    EMAILS             = jsonencode(local.emails)
    SLACK_PARAMETER    = try(aws_ssm_parameter.channel["slack"].name, "")
    TELEGRAM_PARAMETER = try(aws_ssm_parameter.channel["telegram"].name, "")
    TELEGRAM_CHAT      = var.settings.telegram_chat == null ? "" : var.settings.telegram_chat
    DASHBOARD_URL      = "https://${local.region}.console.aws.amazon.com/cloudwatch/home?region=${local.region}#dashboards/dashboard/${var.creator.slug}"
    MESSENGERS_BASE    = var.messengers_base == null ? "" : var.messengers_base
  }
}
