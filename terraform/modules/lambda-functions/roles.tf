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
      [for permission in each.value.permissions : merge(
        { Effect = "Allow", Action = permission.actions, Resource = permission.resources },
        length(permission.conditions) > 0 ? { Condition = permission.conditions } : {},
      )],
    )
  })
}
