module "chat" {
  source = "../table"

  creator      = var.creator
  name         = "chat"
  protect_data = var.protect_data
  tags         = var.tags
}

# In the table and not in the environment, which takes 4 KB.
resource "aws_dynamodb_table_item" "blocked_words" {
  table_name = module.chat.name
  hash_key   = "pk"
  range_key  = "sk"

  item = jsonencode({
    pk      = { S = "ROOM" }
    sk      = { S = "BLOCKED_WORDS" }
    blocked = { S = jsonencode(var.settings.blocked_words) }
  })
}

# What a review cannot judge in time is not delivered: else whoever floods the room, or writes the first message
# after a silence, would get around the rules. The site sends such a message once more.
resource "aws_ivschat_room" "this" {
  name                              = var.creator.slug
  maximum_message_length            = var.settings.max_message_chars
  maximum_message_rate_per_second   = var.settings.messages_per_second
  logging_configuration_identifiers = aws_ivschat_logging_configuration.messages[*].arn
  tags                              = var.tags

  message_review_handler {
    uri             = local.review_arn
    fallback_result = "DENY"
  }

  depends_on = [aws_lambda_permission.review]
}

# CloudWatch Logs ends what it keeps after whole days and costs cents; S3's lifecycle would need a bucket for it.
# Names under /aws/vendedlogs/ do not count towards the size limit of the account's log delivery policy.
resource "aws_cloudwatch_log_group" "messages" {
  count = var.settings.log_retention_days > 0 ? 1 : 0

  name              = "/aws/vendedlogs/ivschat/${var.creator.slug}"
  retention_in_days = var.settings.log_retention_days
  tags              = var.tags
}

resource "aws_ivschat_logging_configuration" "messages" {
  count = var.settings.log_retention_days > 0 ? 1 : 0

  name = "${var.creator.slug}-messages"
  tags = var.tags

  destination_configuration {
    cloudwatch_logs {
      log_group_name = aws_cloudwatch_log_group.messages[0].name
    }
  }
}
