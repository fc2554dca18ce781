locals {
  # Actions that AWS gives no resource for, so that a permission can name none:
  # https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatch.html
  without_resource = ["cloudwatch:GetMetricData", "dynamodb:ListTables"]

  names   = { for name in keys(var.functions) : name => "${var.creator.slug}-${replace(name, "_", "-")}${var.name_suffix}" }
  package = replace(var.module, "-", "_")

  # What nobody waits for goes to the queue of failures in the end.
  background = { for name, function in var.functions : name => function if function.schedule != null || length(function.events) > 0 || function.background }
  queues     = { for name, function in var.functions : name => function.queue if function.queue != null }
  streams    = { for name, function in var.functions : name => function.stream if function.stream != null }

  # What writes when it is called asks first which region may; a stream's and a queue's work is done where they are.
  obeys_switch = { for name, function in var.functions : name => var.creator.failover != null && (
    function.schedule != null || endswith(name, "_privacy") || anytrue([for route in keys(function.routes) : !startswith(route, "GET ")])
  ) }
  uses_key = { for name, function in var.functions : name => var.creator.key != null && (
    local.obeys_switch[name] || function.stream != null || anytrue(flatten([
      for permission in function.permissions : [for action in permission.actions : startswith(action, "dynamodb:") || startswith(action, "s3:")]
    ]))
  ) }

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
    var.creator.failover == null ? {} : {
      HOME_REGION  = var.creator.failover.home
      SWITCH_TABLE = split("/", var.creator.failover.switch_arn)[1]
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
