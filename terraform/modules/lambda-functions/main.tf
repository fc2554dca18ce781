locals {
  # Actions that AWS gives no resource for, so that a permission can name none:
  # https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatch.html
  without_resource = ["cloudwatch:GetMetricData"]

  names   = { for name in keys(var.functions) : name => "${var.creator.slug}-${replace(name, "_", "-")}" }
  package = replace(var.module, "-", "_")

  # What nobody waits for goes to the queue of failures in the end.
  background = { for name, function in var.functions : name => function if function.schedule != null || length(function.events) > 0 || function.background }
  queues     = { for name, function in var.functions : name => function.queue if function.queue != null }
  streams    = { for name, function in var.functions : name => function.stream if function.stream != null }

  shared_environment = merge(
    {
      CREATOR_SLUG                 = var.creator.slug
      CREATOR_NAME                 = var.creator.name
      CREATOR_DOMAIN               = var.creator.domain
      CREATOR_LANGUAGE             = var.creator.language
      OPERATOR_ACCOUNT_ID          = var.creator.account_id
      POWERTOOLS_SERVICE_NAME      = var.module
      POWERTOOLS_METRICS_NAMESPACE = "fleet"
      POWERTOOLS_LOG_LEVEL         = "INFO"
    },
    var.creator.mail_from == null ? {} : { MAIL_FROM = var.creator.mail_from },
    var.creator.members == null ? {} : {
      MEMBERS_ISSUER    = var.creator.members.issuer
      MEMBERS_CLIENT_ID = var.creator.members.client_id
    },
  )
}

resource "aws_cloudwatch_log_group" "this" {
  for_each = var.functions

  name              = "/aws/lambda/${local.names[each.key]}"
  retention_in_days = var.log_retention_days
  tags              = var.tags
}

resource "aws_lambda_function" "this" {
  # checkov:skip=CKV_AWS_50:A request is followed through the logs by its id; tracing needs a permission on every resource
  # checkov:skip=CKV_AWS_115:The API's throttles bound what runs at once, and a new account's quota leaves nothing to reserve
  # checkov:skip=CKV_AWS_116:What nobody waits for has the queue of failures as its destination
  # checkov:skip=CKV_AWS_272:Code comes from a private bucket under a name that carries its hash, which Terraform compares

  for_each = var.functions

  function_name    = local.names[each.key]
  description      = "${each.value.description} of ${var.creator.slug}"
  role             = aws_iam_role.this[each.key].arn
  handler          = "${local.package}.handlers.${each.key}.handler"
  runtime          = var.code.runtime
  architectures    = [var.code.architecture]
  s3_bucket        = var.code.bucket
  s3_key           = var.code.key
  source_code_hash = var.code.hash
  layers           = [var.code.layer_arn]
  memory_size      = each.value.memory
  timeout          = each.value.timeout
  tags             = var.tags

  environment {
    variables = merge(local.shared_environment, var.environment)
  }

  logging_config {
    log_format = "Text"
    log_group  = aws_cloudwatch_log_group.this[each.key].name
  }

  depends_on = [aws_iam_role_policy.this]
}

# Handlers answer a fault with 500, which Lambda does not count as an error: they count it themselves.
resource "aws_cloudwatch_metric_alarm" "faults" {
  count = var.has_alarm ? 1 : 0

  alarm_name          = "${var.creator.slug}-${var.module}-faults"
  alarm_description   = "A function of ${var.module} of ${var.creator.slug} met an unexpected error"
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
    service = var.module
  }
}
