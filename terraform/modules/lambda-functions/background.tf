resource "aws_lambda_function_event_invoke_config" "this" {
  for_each = local.background

  function_name                = aws_lambda_function.this[each.key].function_name
  maximum_retry_attempts       = 2
  maximum_event_age_in_seconds = 3600

  destination_config {
    on_failure {
      destination = var.failures_arn
    }
  }
}

# One rule for each pattern of each function.
locals {
  rules = merge([
    for name, function in var.functions : {
      for rule, pattern in function.events : "${name}.${rule}" => { function = name, rule = rule, pattern = pattern }
    }
  ]...)
}

resource "aws_cloudwatch_event_rule" "this" {
  for_each = local.rules

  name          = "${local.names[each.value.function]}-${each.value.rule}"
  description   = "Calls ${local.names[each.value.function]}"
  event_pattern = each.value.pattern
  tags          = var.tags
}

resource "aws_cloudwatch_event_target" "this" {
  for_each = local.rules

  rule = aws_cloudwatch_event_rule.this[each.key].name
  arn  = aws_lambda_function.this[each.value.function].arn
}

resource "aws_lambda_permission" "event" {
  for_each = local.rules

  statement_id  = "event-${each.value.rule}"
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.this[each.value.function].function_name
  principal     = "events.amazonaws.com"
  source_arn    = aws_cloudwatch_event_rule.this[each.key].arn
}

resource "aws_cloudwatch_event_rule" "schedule" {
  for_each = { for name, function in var.functions : name => function if function.schedule != null }

  name                = "${local.names[each.key]}-schedule"
  description         = "Calls ${local.names[each.key]} on time"
  schedule_expression = each.value.schedule
  tags                = var.tags
}

resource "aws_cloudwatch_event_target" "schedule" {
  for_each = aws_cloudwatch_event_rule.schedule

  rule = each.value.name
  arn  = aws_lambda_function.this[each.key].arn
}

resource "aws_lambda_permission" "schedule" {
  for_each = aws_cloudwatch_event_rule.schedule

  statement_id  = "schedule"
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.this[each.key].function_name
  principal     = "events.amazonaws.com"
  source_arn    = each.value.arn
}

resource "aws_lambda_event_source_mapping" "stream" {
  for_each = local.streams

  event_source_arn                   = each.value.arn
  function_name                      = aws_lambda_function.this[each.key].arn
  starting_position                  = "TRIM_HORIZON" # nothing that happened before the mapping was ready is lost
  batch_size                         = 10
  maximum_retry_attempts             = 5
  bisect_batch_on_function_error     = true
  function_response_types            = ["ReportBatchItemFailures"]
  maximum_batching_window_in_seconds = 0
  tags                               = var.tags

  filter_criteria {
    filter {
      pattern = each.value.filter
    }
  }

  destination_config {
    on_failure {
      destination_arn = var.failures_arn
    }
  }
}

# What cannot be handled goes where the queue itself sends it.
resource "aws_lambda_event_source_mapping" "queue" {
  for_each = local.queues

  event_source_arn        = each.value.arn
  function_name           = aws_lambda_function.this[each.key].arn
  batch_size              = each.value.batch_size
  function_response_types = ["ReportBatchItemFailures"]
  tags                    = var.tags

  scaling_config {
    maximum_concurrency = each.value.max_concurrency
  }
}
