locals {
  table = module.table.arn
  index = module.table.index_arns["gsi1"]

  # A mail that names the configuration set needs the permission for both:
  # https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsimpleemailservicev2.html
  mail = merge(var.mail, { resources = concat(var.mail.resources, [aws_sesv2_configuration_set.this.arn]) })

  # The user pool by the issuer of its tokens, for an admin's own address.
  pool = var.creator.members == null ? [] : [
    "arn:aws:cognito-idp:${local.region}:${var.creator.account_id}:userpool/${element(split("/", var.creator.members.issuer), -1)}"
  ]

  # What each function answers, who may call it, and all that it may do. A transaction needs the permissions of its
  # parts: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html
  functions = {
    subscriptions = {
      description = "Takes, confirms, changes and ends subscriptions"
      routes = {
        "POST /newsletter/subscriptions"         = "public"
        "POST /newsletter/subscriptions/confirm" = "public"
        "GET /newsletter/preferences"            = "public"
        "PUT /newsletter/preferences"            = "public"
        "GET /newsletter/unsubscribe"            = "public"
        "POST /newsletter/unsubscribe"           = "public"
      }
      throttle = { rate = 10, burst = 20 }
      permissions = [
        { actions = ["dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem", "dynamodb:ConditionCheckItem"], resources = [local.table] },
      ]
    }
    letter_archive = {
      description = "Shows the letters that were sent"
      routes = {
        "GET /newsletter/archive"      = "public"
        "GET /newsletter/archive/{id}" = "public"
      }
      permissions = [
        {
          actions    = ["dynamodb:BatchGetItem"]
          resources  = [local.table]
          conditions = { "ForAllValues:StringLike" = { "dynamodb:LeadingKeys" = "LETTER#*" } }
        },
        {
          actions    = ["dynamodb:Query"]
          resources  = [local.index]
          conditions = { "ForAllValues:StringLike" = { "dynamodb:LeadingKeys" = "LETTERS#*" } }
        },
      ]
    }
    edit_letters = {
      description = "Lets admins and operators write, try, send and stop letters"
      routes = {
        "GET /newsletter/letters"                       = "admin"
        "POST /newsletter/letters"                      = "admin"
        "GET /newsletter/letters/{id}"                  = "admin"
        "PUT /newsletter/letters/{id}"                  = "admin"
        "DELETE /newsletter/letters/{id}"               = "admin"
        "GET /newsletter/letters/{id}/preview"          = "admin"
        "POST /newsletter/letters/{id}/test"            = "admin"
        "POST /newsletter/letters/{id}/send"            = "admin"
        "POST /newsletter/letters/{id}/stop"            = "admin"
        "GET /operator/newsletter/letters"              = "operator"
        "POST /operator/newsletter/letters"             = "operator"
        "GET /operator/newsletter/letters/{id}"         = "operator"
        "PUT /operator/newsletter/letters/{id}"         = "operator"
        "DELETE /operator/newsletter/letters/{id}"      = "operator"
        "GET /operator/newsletter/letters/{id}/preview" = "operator"
        "POST /operator/newsletter/letters/{id}/test"   = "operator"
        "POST /operator/newsletter/letters/{id}/send"   = "operator"
        "POST /operator/newsletter/letters/{id}/stop"   = "operator"
        "POST /operator/newsletter/letters/{id}/resume" = "operator"
      }
      timeout = 20
      permissions = concat(
        [
          { actions = ["dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"], resources = [local.table], conditions = {} },
          { actions = ["dynamodb:DeleteItem"], resources = [local.table], conditions = { "ForAllValues:StringLike" = { "dynamodb:LeadingKeys" = "LETTER#*" } } },
          { actions = ["dynamodb:Query"], resources = [local.index], conditions = { "ForAllValues:StringLike" = { "dynamodb:LeadingKeys" = "LETTERS#*" } } },
          local.mail,
        ],
        [for pool in local.pool : { actions = ["cognito-idp:AdminGetUser"], resources = [pool], conditions = {} }],
      )
    }
    subscriber_lists = {
      description = "Exports subscribers and shows the block list to operators"
      routes = {
        "GET /newsletter/subscribers/export" = "operator"
        "GET /newsletter/blocked"            = "operator"
        "POST /newsletter/blocked/search"    = "operator"
        "DELETE /newsletter/blocked/{id}"    = "operator"
      }
      timeout = 25
      permissions = [
        { actions = ["dynamodb:Query"], resources = [local.index] },
        { actions = ["dynamodb:GetItem", "dynamodb:BatchGetItem"], resources = [local.table] },
        { actions = ["dynamodb:PutItem"], resources = [local.table], conditions = { "ForAllValues:StringEquals" = { "dynamodb:LeadingKeys" = "SECRET" } } },
        { actions = ["dynamodb:DeleteItem"], resources = [local.table], conditions = { "ForAllValues:StringLike" = { "dynamodb:LeadingKeys" = "BLOCKED#*" } } },
        { actions = ["dynamodb:DeleteItem"], resources = [local.table], conditions = { "ForAllValues:StringLike" = { "dynamodb:LeadingKeys" = "SOFT#*" } } },
      ]
    }
    send_confirmations = {
      description = "Asks those who want letters to confirm"
      timeout     = 60
      stream = {
        arn    = module.table.stream_arn
        filter = jsonencode({ eventName = ["INSERT", "MODIFY"], dynamodb = { Keys = { sk = { S = ["PENDING"] } } } })
      }
      permissions = [
        { actions = ["dynamodb:GetItem", "dynamodb:PutItem"], resources = [local.table], conditions = { "ForAllValues:StringEquals" = { "dynamodb:LeadingKeys" = "SECRET" } } },
        { actions = ["dynamodb:UpdateItem"], resources = [local.table], conditions = { "ForAllValues:StringLike" = { "dynamodb:LeadingKeys" = "PENDING#*" } } },
        local.mail,
      ]
    }
    fan_out_letter = {
      description = "Makes jobs of a letter"
      timeout     = 300
      schedule    = "rate(15 minutes)"
      stream = {
        arn    = module.table.stream_arn
        filter = jsonencode({ eventName = ["MODIFY"], dynamodb = { Keys = { sk = { S = ["LETTER"] } } } })
      }
      permissions = [
        { actions = ["dynamodb:Query"], resources = [local.table, local.index] },
        { actions = ["dynamodb:BatchGetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"], resources = [local.table] },
        { actions = ["sqs:SendMessage"], resources = [aws_sqs_queue.jobs.arn] },
      ]
    }
    send_letters = {
      description = "Sends a letter to subscribers"
      timeout     = local.sender_seconds
      queue       = { arn = aws_sqs_queue.jobs.arn, batch_size = 1, max_concurrency = local.senders }
      permissions = [
        { actions = ["dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"], resources = [local.table] },
        local.mail,
      ]
    }
    record_feedback = {
      description = "Takes note of bounces and complaints"
      timeout     = 30
      events = {
        feedback = jsonencode({
          source      = ["aws.ses"]
          detail-type = ["Email Bounced", "Email Complaint Received"]
          detail      = { mail = { tags = { "ses:configuration-set" = [aws_sesv2_configuration_set.this.configuration_set_name] } } }
        })
      }
      permissions = [
        { actions = ["dynamodb:BatchGetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"], resources = [local.table] },
      ]
    }
    newsletter_privacy = {
      description = "Hands out and erases what the newsletter keeps of a person"
      background  = true # operators and user-auth call it
      timeout     = 60
      permissions = [
        { actions = ["dynamodb:Query"], resources = [local.index] },
        { actions = ["dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"], resources = [local.table] },
      ]
    }
  }
}

module "functions" {
  source = "../lambda-functions"

  module             = "newsletter"
  creator            = var.creator
  api                = var.api
  code               = var.code
  functions          = local.functions
  failures_arn       = var.failures_arn
  log_retention_days = var.log_retention_days
  tags               = var.tags

  environment = {
    NEWSLETTER_TABLE  = module.table.name
    QUEUE_URL         = aws_sqs_queue.jobs.url
    CONFIGURATION_SET = aws_sesv2_configuration_set.this.configuration_set_name
    TOPICS            = jsonencode(var.settings.topics)
    MAILS_PER_SECOND  = tostring(var.settings.mails_per_second)
    SENDERS           = tostring(local.senders)
    IMPRINT           = var.settings.imprint
    API_URL           = local.api_url
  }
}
