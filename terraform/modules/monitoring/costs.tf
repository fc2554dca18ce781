# What AWS itself writes about costs, for a function to put in words. It is no topic for people: what AWS writes is long
# or JSON, and Slack and Telegram get the same words this way. The function writes to another topic, so nothing goes round.
resource "aws_sns_topic" "costs" {
  # checkov:skip=CKV_AWS_26:Budgets and anomaly detection cannot use SNS' own key, and one of the creator's costs $1 a month: it holds sums of money for seconds

  name = "${var.creator.slug}-costs"
  tags = var.tags
}

resource "aws_sns_topic_policy" "costs" {
  arn = aws_sns_topic.costs.arn

  # https://docs.aws.amazon.com/cost-management/latest/userguide/budgets-sns-policy.html
  # https://docs.aws.amazon.com/cost-management/latest/userguide/ad-SNS.html
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "Budgets"
        Effect    = "Allow"
        Principal = { Service = "budgets.amazonaws.com" }
        Action    = "sns:Publish"
        Resource  = aws_sns_topic.costs.arn
        Condition = {
          StringEquals = { "aws:SourceAccount" = var.creator.account_id }
          ArnLike      = { "aws:SourceArn" = "arn:aws:budgets::${var.creator.account_id}:*" }
        }
      },
      {
        Sid       = "Anomalies"
        Effect    = "Allow"
        Principal = { Service = "costalerts.amazonaws.com" }
        Action    = "sns:Publish"
        Resource  = aws_sns_topic.costs.arn
        Condition = { StringEquals = { "aws:SourceAccount" = var.creator.account_id } }
      },
      merge(local.tls_only, { Resource = aws_sns_topic.costs.arn }),
    ]
  })
}

resource "aws_sns_topic_subscription" "costs" {
  topic_arn = aws_sns_topic.costs.arn
  protocol  = "lambda"
  endpoint  = module.functions.arns["notify"]
}

resource "aws_lambda_permission" "costs" {
  statement_id   = "costs"
  action         = "lambda:InvokeFunction"
  function_name  = module.functions.names["notify"]
  principal      = "sns.amazonaws.com"
  source_arn     = aws_sns_topic.costs.arn
  source_account = var.creator.account_id
}

locals {
  # AWS allows ten a budget; the settings have at most five parts.
  budget_notices = concat(
    [for percent in sort(formatlist("%04d", distinct(var.settings.budget_percent))) : { type = "ACTUAL", percent = tonumber(percent) }],
    [{ type = "FORECASTED", percent = 100 }],
  )
}

resource "aws_budgets_budget" "monthly" {
  name         = "${var.creator.slug}-monthly"
  budget_type  = "COST"
  limit_amount = format("%.2f", var.monthly_budget)
  limit_unit   = "USD"
  time_unit    = "MONTHLY"
  tags         = var.tags

  dynamic "notification" {
    for_each = local.budget_notices

    content {
      notification_type         = notification.value.type
      comparison_operator       = "GREATER_THAN"
      threshold                 = notification.value.percent
      threshold_type            = "PERCENTAGE"
      subscriber_sns_topic_arns = [aws_sns_topic.costs.arn]
    }
  }

  depends_on = [aws_sns_topic_policy.costs]
}

# AWS allows one monitor of services an account, and makes it by itself where Cost Explorer was opened by hand:
# https://docs.aws.amazon.com/cost-management/latest/userguide/getting-started-ad.html
resource "aws_ce_anomaly_monitor" "services" {
  count = var.settings.own_anomaly_monitor ? 1 : 0

  name              = "${var.creator.slug}-services"
  monitor_type      = "DIMENSIONAL"
  monitor_dimension = "SERVICE"
  tags              = var.tags
}

locals {
  anomaly_monitors = var.settings.own_anomaly_monitor ? aws_ce_anomaly_monitor.services[*].arn : compact([var.settings.anomaly_monitor_arn])
}

resource "aws_ce_anomaly_subscription" "costs" {
  count = var.settings.own_anomaly_monitor || var.settings.anomaly_monitor_arn != null ? 1 : 0

  name             = "${var.creator.slug}-costs"
  frequency        = "IMMEDIATE"
  monitor_arn_list = local.anomaly_monitors
  tags             = var.tags

  subscriber {
    type    = "SNS"
    address = aws_sns_topic.costs.arn
  }

  threshold_expression {
    dimension {
      key           = "ANOMALY_TOTAL_IMPACT_ABSOLUTE"
      match_options = ["GREATER_THAN_OR_EQUAL"]
      values        = [tostring(var.settings.anomaly_dollars)]
    }
  }

  depends_on = [aws_sns_topic_policy.costs]
}
