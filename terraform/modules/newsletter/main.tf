locals {
  # arn:aws:execute-api:<region>:<account>:<api>
  region  = split(":", var.api.execution_arn)[3]
  api_url = "https://${var.api.id}.execute-api.${local.region}.amazonaws.com"

  # A sender writes to one after the other, and five a second is what it can do in any case; SQS starts two senders
  # at least. The functions share the rate among so many.
  # https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html#events-sqs-max-concurrency
  senders = max(2, ceil(var.settings.mails_per_second / 5))

  # Longer than a sender runs, six times, so that a message that waits for its turn is not given to another one.
  # https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html#events-sqs-queueconfig
  sender_seconds = 60
}

# Subscribers with their proof of consent, the block list, letters and who got them. What was erased must not live on
# in backups for long. The stream tells only that there is something, so that nothing personal gets into the queue of
# failures.
module "table" {
  source = "../table"

  creator          = var.creator
  name             = "newsletter"
  indexes          = { gsi1 = { hash_key = "gsi1pk", range_key = "gsi1sk" } }
  stream_view_type = "KEYS_ONLY"
  recovery_days    = 7
  protect_data     = var.protect_data
  tags             = var.tags
}

# Jobs name a letter and a number, and no person. One that fails for an hour goes to the queue of failures; it stays in
# the table all the same, and is taken up again when the letter stands still.
resource "aws_sqs_queue" "jobs" {
  name                       = "${var.creator.slug}-newsletter"
  visibility_timeout_seconds = 6 * local.sender_seconds
  message_retention_seconds  = 1209600
  sqs_managed_sse_enabled    = true
  tags                       = var.tags

  redrive_policy = jsonencode({ deadLetterTargetArn = var.failures_arn, maxReceiveCount = 10 })
}

resource "aws_sqs_queue_policy" "jobs" {
  queue_url = aws_sqs_queue.jobs.url

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "TlsOnly"
      Effect    = "Deny"
      Principal = "*"
      Action    = "sqs:*"
      Resource  = aws_sqs_queue.jobs.arn
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }]
  })
}

# Only mail that names this set is listened to: it is nobody's default, so that other modules' mail from the same domain
# goes as it did. Opening and clicking are not tracked.
resource "aws_sesv2_configuration_set" "this" {
  configuration_set_name = "${var.creator.slug}-newsletter"
  tags                   = var.tags

  delivery_options {
    tls_policy = "REQUIRE"
  }

  reputation_options {
    reputation_metrics_enabled = false
  }
}

# SES tells EventBridge's default bus, and no other: https://docs.aws.amazon.com/ses/latest/dg/monitoring-eventbridge.html
resource "aws_sesv2_configuration_set_event_destination" "bus" {
  configuration_set_name = aws_sesv2_configuration_set.this.configuration_set_name
  event_destination_name = "eventbridge"

  event_destination {
    enabled              = true
    matching_event_types = ["BOUNCE", "COMPLAINT"]

    event_bridge_destination {
      event_bus_arn = "arn:aws:events:${local.region}:${var.creator.account_id}:event-bus/default"
    }
  }
}

# A letter that stops by itself waits for an operator, and nothing else would tell.
resource "aws_cloudwatch_metric_alarm" "stopped" {
  alarm_name          = "${var.creator.slug}-newsletter-stopped"
  alarm_description   = "A letter of ${var.creator.slug} was stopped: too many bounced or complained, or SES takes no more. Look at it, and let it go on or not"
  namespace           = "fleet"
  metric_name         = "LettersStopped"
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = 1
  treat_missing_data  = "notBreaching"
  tags                = var.tags

  dimensions = {
    service = "newsletter"
  }
}
