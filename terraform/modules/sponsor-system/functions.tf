locals {
  sponsors = aws_dynamodb_table.sponsors.arn
  by_index = "${aws_dynamodb_table.sponsors.arn}/index/gsi1"
  stats    = aws_dynamodb_table.stats.arn

  # What each function answers, who may call it, and all that it may do. A transaction needs the permissions of
  # its parts: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html
  functions = {
    create_booking = {
      description = "Takes a sponsor's booking"
      routes      = ["POST /bookings"]
      operators   = false
      throttle    = { rate = 2, burst = 5 }
      timeout     = 10
      permissions = [
        { actions = ["dynamodb:GetItem", "dynamodb:PutItem"], resources = [local.sponsors] },
      ]
    }
    list_bookings = {
      description = "Lists bookings by status for operators"
      routes      = ["GET /bookings"]
      operators   = true
      throttle    = null
      timeout     = 10
      permissions = [
        { actions = ["dynamodb:Query"], resources = [local.by_index] },
      ]
    }
    approve_booking = {
      description = "Approves a booking for an operator"
      routes      = ["PUT /bookings/{id}/approve"]
      operators   = true
      throttle    = null
      timeout     = 10
      permissions = [
        { actions = ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:BatchGetItem"], resources = [local.sponsors] },
      ]
    }
    reject_booking = {
      description = "Rejects a booking for an operator"
      routes      = ["PUT /bookings/{id}/reject"]
      operators   = true
      throttle    = null
      timeout     = 10
      permissions = [
        { actions = ["dynamodb:GetItem", "dynamodb:PutItem"], resources = [local.sponsors] },
      ]
    }
    get_active_sponsors = {
      description = "Lists today's sponsors for the site"
      routes      = ["GET /sponsors/active"]
      operators   = false
      throttle    = null
      timeout     = 5
      permissions = [
        { actions = ["dynamodb:BatchGetItem"], resources = [local.sponsors] },
      ]
    }
    track_stats = {
      description = "Counts views and clicks, each once"
      routes      = ["POST /sponsors/{id}/track/view", "POST /sponsors/{id}/track/click"]
      operators   = false
      throttle    = { rate = 25, burst = 50 }
      timeout     = 5
      permissions = [
        { actions = ["dynamodb:GetItem"], resources = [local.sponsors] },
        { actions = ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"], resources = [local.stats] },
      ]
    }
  }

  function_names = { for name in keys(local.functions) : name => "${var.slug}-${replace(name, "_", "-")}" }

  # One vCPU comes with 1,769 MB; imports take most of a cold start, and half a vCPU halves it against a quarter.
  memory_mb = 512
}

resource "aws_cloudwatch_log_group" "this" {
  for_each = local.functions

  name              = "/aws/lambda/${local.function_names[each.key]}"
  retention_in_days = var.log_retention_days
  tags              = var.tags
}

resource "aws_iam_role" "this" {
  for_each = local.functions

  name        = local.function_names[each.key]
  description = "${each.value.description} of ${var.slug}"
  tags        = var.tags

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "lambda.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_iam_role_policy" "this" {
  for_each = local.functions

  name = "function"
  role = aws_iam_role.this[each.key].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [{
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = ["${aws_cloudwatch_log_group.this[each.key].arn}:log-stream:*"]
      }],
      [for permission in each.value.permissions : {
        Effect   = "Allow"
        Action   = permission.actions
        Resource = permission.resources
      }],
    )
  })
}

resource "aws_lambda_function" "this" {
  for_each = local.functions

  function_name    = local.function_names[each.key]
  description      = "${each.value.description} of ${var.slug}"
  role             = aws_iam_role.this[each.key].arn
  handler          = "sponsor_system.handlers.${each.key}.handler"
  runtime          = var.runtime
  architectures    = [var.architecture]
  s3_bucket        = var.package.bucket
  s3_key           = var.package.key
  source_code_hash = var.package.hash
  layers           = [var.layer_arn]
  memory_size      = local.memory_mb
  timeout          = each.value.timeout
  tags             = var.tags

  environment {
    variables = {
      SPONSORS_TABLE               = aws_dynamodb_table.sponsors.name
      STATS_TABLE                  = aws_dynamodb_table.stats.name
      ASSETS_BUCKET                = module.assets.bucket_id
      RATES                        = jsonencode(var.rates)
      CURRENCY                     = var.currency
      MAX_DAYS                     = tostring(var.max_days)
      CREATOR_SLUG                 = var.slug
      CREATOR_DOMAIN               = var.domain
      OPERATOR_ACCOUNT_ID          = var.account_id
      POWERTOOLS_SERVICE_NAME      = "sponsor-system"
      POWERTOOLS_METRICS_NAMESPACE = "fleet"
      POWERTOOLS_LOG_LEVEL         = "INFO"
    }
  }

  logging_config {
    log_format = "Text"
    log_group  = aws_cloudwatch_log_group.this[each.key].name
  }

  depends_on = [aws_iam_role_policy.this]
}

resource "aws_cloudwatch_metric_alarm" "errors" {
  for_each = local.functions

  alarm_name          = "${local.function_names[each.key]}-errors"
  alarm_description   = "${local.function_names[each.key]} ended in an error"
  namespace           = "AWS/Lambda"
  metric_name         = "Errors"
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = 1
  treat_missing_data  = "notBreaching"
  tags                = var.tags

  dimensions = {
    FunctionName = aws_lambda_function.this[each.key].function_name
  }
}
