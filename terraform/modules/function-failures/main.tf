# What a background function could not handle after all its tries; kept as long as SQS can, to be looked at.
resource "aws_sqs_queue" "this" {
  name                      = "${var.slug}-failures"
  message_retention_seconds = 1209600
  sqs_managed_sse_enabled   = true
  tags                      = var.tags
}

resource "aws_sqs_queue_policy" "this" {
  queue_url = aws_sqs_queue.this.url

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "TlsOnly"
      Effect    = "Deny"
      Principal = "*"
      Action    = "sqs:*"
      Resource  = aws_sqs_queue.this.arn
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }]
  })
}

resource "aws_cloudwatch_metric_alarm" "failures" {
  alarm_name          = "${var.slug}-failures"
  alarm_description   = "An event of ${var.slug} could not be handled and waits in the queue of failures"
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateNumberOfMessagesVisible"
  statistic           = "Maximum"
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = 1
  treat_missing_data  = "notBreaching"
  tags                = var.tags

  dimensions = {
    QueueName = aws_sqs_queue.this.name
  }
}

# Without a dimension the metric covers all functions of the account and region, and those are all one creator's:
# https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-view.html
resource "aws_cloudwatch_metric_alarm" "errors" {
  alarm_name          = "${var.slug}-function-errors"
  alarm_description   = "A function of ${var.slug} ended in an error, ran out of time or could not start"
  namespace           = "AWS/Lambda"
  metric_name         = "Errors"
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = 1
  treat_missing_data  = "notBreaching"
  tags                = var.tags
}

# Handlers answer a fault with 500, which Lambda does not count as an error: they count it themselves, for their
# service and for the creator (count_fault in lambdas/shared/telemetry.py).
resource "aws_cloudwatch_metric_alarm" "faults" {
  alarm_name          = "${var.slug}-function-faults"
  alarm_description   = "A function of ${var.slug} met an unexpected error: its log says which, and where"
  namespace           = "fleet"
  metric_name         = "Faults"
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = 1
  treat_missing_data  = "notBreaching"
  tags                = var.tags

  dimensions = {
    creator = var.slug
  }
}
