# Messages that are not delivered yet. The stream needs to tell only that there is a message.
module "contact" {
  source = "../table"

  creator          = var.creator
  name             = "contact"
  stream_view_type = "KEYS_ONLY"
  recovery_days    = 1 # what was delivered is deleted, and backups must not keep it for longer than they have to
  protect_data     = var.protect_data
  tags             = var.tags
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
