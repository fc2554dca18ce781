# What fails in silence: no function counts it, and no queue gets it. Everything else has an alarm where it happens.

# One error has an alarm already (the API's own). This one says that it is not one request but the site.
resource "aws_cloudwatch_metric_alarm" "api_error_share" {
  alarm_name          = "${var.creator.slug}-api-error-share"
  alarm_description   = "More than 5 % of the requests to ${var.creator.slug} end in an error of ours: the site does not work for many"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 5
  evaluation_periods  = 2
  datapoints_to_alarm = 2
  treat_missing_data  = "notBreaching"
  tags                = var.tags

  metric_query {
    id          = "share"
    expression  = "IF(requests >= 20, 100 * errors / requests, 0)"
    label       = "Errors in percent"
    return_data = true
  }

  dynamic "metric_query" {
    for_each = { errors = "5xx", requests = "Count" }

    content {
      id = metric_query.key

      metric {
        namespace   = "AWS/ApiGateway"
        metric_name = metric_query.value
        stat        = "Sum"
        period      = 300
        dimensions  = local.api
      }
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "api_latency" {
  alarm_name                            = "${var.creator.slug}-api-latency"
  alarm_description                     = "For 15 minutes one request in twenty to ${var.creator.slug} has taken longer than 3 seconds"
  namespace                             = "AWS/ApiGateway"
  metric_name                           = "Latency"
  extended_statistic                    = "p95"
  period                                = 300
  evaluation_periods                    = 3
  comparison_operator                   = "GreaterThanThreshold"
  threshold                             = 3000
  evaluate_low_sample_count_percentiles = "ignore"
  treat_missing_data                    = "notBreaching"
  dimensions                            = local.api
  tags                                  = var.tags
}

# Throttled calls are no errors of a function. Without a dimension the metric covers all functions of the account and
# region, and those are all one creator's: https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-view.html
resource "aws_cloudwatch_metric_alarm" "function_throttles" {
  alarm_name          = "${var.creator.slug}-function-throttles"
  alarm_description   = "Functions of ${var.creator.slug} were refused: more run at once than the account's quota allows"
  namespace           = "AWS/Lambda"
  metric_name         = "Throttles"
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = 1
  treat_missing_data  = "notBreaching"
  tags                = var.tags
}

# Tables have no metric of them all. A query finds those that there are; it costs by the metrics that it reads, and a
# table that is not throttled has none: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-metrics-insights-alarms.html
resource "aws_cloudwatch_metric_alarm" "table_throttles" {
  alarm_name          = "${var.creator.slug}-table-throttles"
  alarm_description   = "Tables of ${var.creator.slug} refused requests: more came at once than they take, or one key is too busy"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 10
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"
  tags                = var.tags

  metric_query {
    id          = "throttled"
    expression  = "SELECT SUM(ThrottledRequests) FROM SCHEMA(\"AWS/DynamoDB\", Operation, TableName)"
    label       = "Refused requests"
    period      = 300
    return_data = true
  }
}

locals {
  api = { ApiId = var.api.id, Stage = "$default" }
}
