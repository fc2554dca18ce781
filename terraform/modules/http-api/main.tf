resource "aws_apigatewayv2_api" "this" {
  name          = var.name
  description   = "Public and operator routes of ${var.name}"
  protocol_type = "HTTP"
  tags          = var.tags

  cors_configuration {
    allow_origins = var.cors_origins
    allow_methods = ["GET", "POST", "PUT", "DELETE"]
    allow_headers = ["authorization", "booking-token", "content-type", "idempotency-key"]
    max_age       = 3600
  }
}

resource "aws_apigatewayv2_authorizer" "members" {
  count = var.has_members ? 1 : 0

  api_id           = aws_apigatewayv2_api.this.id
  name             = "members"
  authorizer_type  = "JWT"
  identity_sources = ["$request.header.Authorization"]

  jwt_configuration {
    issuer   = var.members.issuer
    audience = [var.members.client_id]
  }
}

# Names under /aws/vendedlogs/ do not count towards the size limit of the account's log delivery policy:
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-and-resource-policy.html
resource "aws_cloudwatch_log_group" "this" {
  name              = "/aws/vendedlogs/apigateway/${var.name}"
  retention_in_days = var.log_retention_days
  tags              = var.tags
}

resource "aws_apigatewayv2_stage" "this" {
  api_id      = aws_apigatewayv2_api.this.id
  name        = "$default"
  auto_deploy = true
  tags        = var.tags

  # No address, no user agent, no path: a route and its outcome say nothing about a person.
  access_log_settings {
    destination_arn = aws_cloudwatch_log_group.this.arn
    format = jsonencode({
      request_id        = "$context.requestId"
      time              = "$context.requestTimeEpoch"
      route             = "$context.routeKey"
      status            = "$context.status"
      latency_ms        = "$context.responseLatency"
      integration_ms    = "$context.integrationLatency"
      integration_error = "$context.integrationErrorMessage"
      error             = "$context.error.message"
    })
  }

  default_route_settings {
    throttling_rate_limit    = var.default_throttle.rate
    throttling_burst_limit   = var.default_throttle.burst
    detailed_metrics_enabled = false
  }

  dynamic "route_settings" {
    for_each = var.route_throttles

    content {
      route_key                = route_settings.key
      throttling_rate_limit    = route_settings.value.rate
      throttling_burst_limit   = route_settings.value.burst
      detailed_metrics_enabled = false
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "server_errors" {
  alarm_name          = "${var.name}-api-5xx"
  alarm_description   = "The HTTP API of ${var.name} answered with a 5xx status"
  namespace           = "AWS/ApiGateway"
  metric_name         = "5xx"
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = 1
  treat_missing_data  = "notBreaching"
  tags                = var.tags

  dimensions = {
    ApiId = aws_apigatewayv2_api.this.id
    Stage = aws_apigatewayv2_stage.this.name
  }
}
