# Members, what they are entitled to, and events of Stripe's that were handled.
module "members" {
  source = "../table"

  creator      = var.creator
  name         = "membership"
  indexes      = { gsi1 = { hash_key = "gsi1pk", range_key = "gsi1sk" } }
  protect_data = var.protect_data
  tags         = var.tags
}

# Two subscriptions of one person are charged both until somebody ends one: it was made by hand, and nobody else tells.
resource "aws_cloudwatch_metric_alarm" "doubled" {
  alarm_name          = "${var.creator.slug}-membership-doubled"
  alarm_description   = "A member of ${var.creator.slug} has two subscriptions and is charged for both: see doubled in GET /membership/members, and cancel one at Stripe"
  namespace           = "fleet"
  metric_name         = "SubscriptionsDoubled"
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = 1
  treat_missing_data  = "notBreaching"
  tags                = var.tags

  dimensions = {
    service = "membership"
  }
}
