locals {
  contact = aws_dynamodb_table.contact.arn

  # What each function answers, who may call it, and all that it may do. What the public function may read are
  # the days' salts and the keys of earlier requests, and no message:
  # https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
  functions = {
    post_message = {
      description = "Takes a visitor's message"
      routes      = { "POST /contact" = "public" }
      throttle    = { rate = 2, burst = 5 }
      permissions = [
        { actions = ["dynamodb:PutItem", "dynamodb:UpdateItem"], resources = [local.contact] },
        {
          actions    = ["dynamodb:GetItem"]
          resources  = [local.contact]
          conditions = { "ForAllValues:StringLike" = { "dynamodb:LeadingKeys" = "SALT#*" } }
        },
        {
          actions    = ["dynamodb:GetItem"]
          resources  = [local.contact]
          conditions = { "ForAllValues:StringLike" = { "dynamodb:LeadingKeys" = "IDEMPOTENCY#*" } }
        },
      ]
    }
    deliver_messages = {
      description = "Delivers messages by e-mail"
      timeout     = 60
      schedule    = "rate(1 hour)"
      stream = {
        arn    = aws_dynamodb_table.contact.stream_arn
        filter = jsonencode({ eventName = ["INSERT"], dynamodb = { Keys = { pk = { S = ["MESSAGE"] } } } })
      }
      permissions = [
        { actions = ["dynamodb:Query", "dynamodb:UpdateItem", "dynamodb:DeleteItem"], resources = [local.contact] },
        var.mail,
      ]
    }
    count_undelivered = {
      description = "Counts the messages that wait"
      routes      = { "GET /contact/undelivered" = "operator" }
      permissions = [
        { actions = ["dynamodb:Query"], resources = [local.contact] },
      ]
    }
  }
}

module "functions" {
  source = "../lambda-functions"

  module             = "contact-form"
  creator            = var.creator
  api                = var.api
  code               = var.code
  functions          = local.functions
  failures_arn       = var.failures_arn
  log_retention_days = var.log_retention_days
  tags               = var.tags

  environment = {
    CONTACT_TABLE = aws_dynamodb_table.contact.name
    RECIPIENT     = var.recipient
  }
}
