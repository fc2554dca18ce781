# Messages that are not delivered yet. Encrypted at rest with DynamoDB's own key, which is always on and free of
# charge. The stream tells only that there is a message, so that nothing personal gets into the queue of failures.
resource "aws_dynamodb_table" "contact" {
  name                        = "${var.creator.slug}-contact"
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = "pk"
  range_key                   = "sk"
  deletion_protection_enabled = var.protect_data
  stream_enabled              = true
  stream_view_type            = "KEYS_ONLY"
  tags                        = var.tags

  dynamic "attribute" {
    for_each = ["pk", "sk"]

    content {
      name = attribute.value
      type = "S"
    }
  }

  ttl {
    attribute_name = "expires_at"
    enabled        = true
  }

  # What was delivered is deleted, and backups must not keep it for longer than they have to.
  point_in_time_recovery {
    enabled                 = true
    recovery_period_in_days = 1
  }
}

# While mail cannot be sent, messages wait in silence.
resource "aws_cloudwatch_metric_alarm" "waiting" {
  alarm_name          = "${var.creator.slug}-contact-form-waiting"
  alarm_description   = "Messages to ${var.creator.slug} have waited for hours and are given up after 30 days: mail cannot be sent"
  namespace           = "fleet"
  metric_name         = "MessagesWaiting"
  statistic           = "Maximum"
  period              = 3600
  evaluation_periods  = 3
  datapoints_to_alarm = 2
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = 1
  treat_missing_data  = "notBreaching"
  tags                = var.tags

  dimensions = {
    service = "contact-form"
  }
}
