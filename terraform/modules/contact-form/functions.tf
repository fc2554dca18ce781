locals {
  contact = module.contact.arn

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
        arn    = module.contact.stream_arn
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
    contact_form_privacy = {
      description = "Hands out and erases what the contact form keeps of a person"
      background  = true # operators and user-auth call it
      timeout     = 300
      permissions = [
        {
          actions    = ["dynamodb:Query", "dynamodb:DeleteItem"]
          resources  = [local.contact]
          conditions = { "ForAllValues:StringEquals" = { "dynamodb:LeadingKeys" = "MESSAGE" } }
        },
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
    CONTACT_TABLE = module.contact.name
    RECIPIENT     = var.recipient
  }
}
