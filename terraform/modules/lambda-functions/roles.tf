resource "aws_iam_role" "this" {
  for_each = var.functions

  name        = local.names[each.key]
  description = "${each.value.description} of ${var.creator.slug}"
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
  for_each = var.functions

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
      contains(keys(local.background), each.key) || contains(keys(local.streams), each.key) ? [{
        Effect   = "Allow"
        Action   = ["sqs:SendMessage"]
        Resource = [var.failures_arn]
      }] : [],
      [for stream in contains(keys(local.streams), each.key) ? [local.streams[each.key]] : [] : {
        Effect   = "Allow"
        Action   = ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams"]
        Resource = [stream.arn]
      }],
      [for queue in contains(keys(local.queues), each.key) ? [local.queues[each.key]] : [] : {
        Effect   = "Allow"
        Action   = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]
        Resource = [queue.arn]
      }],
      [for failover in local.obeys_switch[each.key] ? [var.creator.failover] : [] : {
        Effect   = "Allow"
        Action   = ["dynamodb:GetItem"]
        Resource = [failover.switch_arn]
      }],
      # https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html#dynamodb-kms-authz
      [for key in local.uses_key[each.key] ? [var.creator.key] : [] : {
        Effect    = "Allow"
        Action    = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptFrom", "kms:ReEncryptTo"]
        Resource  = [key.arn]
        Condition = { StringLike = { "kms:ViaService" = ["dynamodb.*.amazonaws.com", "s3.*.amazonaws.com"] } }
      }],
      [for permission in each.value.permissions : merge(
        { Effect = "Allow", Action = permission.actions, Resource = permission.resources },
        length(permission.conditions) > 0 ? { Condition = permission.conditions } : {},
      )],
    )
  })
}
