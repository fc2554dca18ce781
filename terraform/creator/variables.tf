variable "slug" {
  description = "The creator's slug, part of every name."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,22}[a-z0-9]$", var.slug))
    error_message = "A slug has 3 to 24 lower-case letters, digits and hyphens, first a letter, last no hyphen."
  }
}

variable "name" {
  description = "The creator's display name."
  type        = string

  validation {
    condition     = length(var.name) >= 1 && length(var.name) <= 80
    error_message = "A display name has 1 to 80 characters."
  }
}

variable "domain" {
  description = "The creator's domain without www, as kasper.live."
  type        = string

  validation {
    condition     = can(regex("^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z]{2,63}$", var.domain)) && !startswith(var.domain, "www.")
    error_message = "The domain is a lower-case host name such as kasper.live, without www."
  }
}

variable "account_id" {
  description = "The creator's AWS account. A run with credentials of another account ends before it changes anything."
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "An account id has 12 digits."
  }
}

variable "region" {
  description = "Region that the creator's infrastructure lives in."
  type        = string

  validation {
    condition     = can(regex("^[a-z]{2}-[a-z]+-[0-9]$", var.region))
    error_message = "A region is written like eu-central-1."
  }

  # The regions of IVS' control plane: https://docs.aws.amazon.com/general/latest/gr/ivs.html
  validation {
    condition = !(var.enable_ivs_streaming || var.enable_ivs_chat) || contains([
      "us-east-1", "us-west-2", "eu-west-1", "eu-central-1", "ap-south-1", "ap-northeast-1", "ap-northeast-2",
    ], var.region)
    error_message = "ivs-streaming and ivs-chat are not available in this region."
  }
}

variable "contact" {
  description = "E-mail address of the person to ask about this creator. Recorded in the output creator."
  type        = string

  validation {
    condition     = can(regex("^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$", var.contact))
    error_message = "The contact is an e-mail address."
  }
}

variable "language" {
  description = "Language of the texts that people get: en or de."
  type        = string
  default     = "en"

  validation {
    condition     = contains(["en", "de"], var.language)
    error_message = "The language is en or de."
  }
}

variable "branding" {
  description = "Colours of what people get to see, as #rrggbb."
  type = object({
    primary    = optional(string, "#e0a526")
    accent     = optional(string, "#2b2d42")
    background = optional(string, "#fffaf0")
  })
  default = {}
}

variable "mail" {
  description = "Settings of the creator's mail: whether AWS has granted production access to SES."
  type = object({
    production = optional(bool, false)
  })
  default = {}
}

variable "wave" {
  description = "When the creator's turn comes in a change to the whole fleet: canary, early or general."
  type        = string
  default     = "general"

  validation {
    condition     = contains(["canary", "early", "general"], var.wave)
    error_message = "The wave is canary, early or general."
  }
}

variable "tags" {
  description = "Further tags of everything that is made."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for key, value in var.tags : can(regex("^[\\p{L}\\p{Z}\\p{N}_.:/=+@-]{1,128}$", key)) && can(regex("^[\\p{L}\\p{Z}\\p{N}_.:/=+@-]{0,256}$", value)) && !startswith(lower(key), "aws:")])
    error_message = "Keys have 1 to 128 and values up to 256 letters, digits, spaces and + - = . _ : / @, and no key starts with aws:."
  }

  validation {
    condition     = length(setintersection(keys(var.tags), ["creator", "wave", "managed-by", "module"])) == 0
    error_message = "The tags creator, wave, managed-by and module are set by Terraform itself."
  }

  validation {
    condition     = length(var.tags) <= 40
    error_message = "A resource has at most 50 tags, of which 40 are free."
  }
}

variable "monthly_budget" {
  description = "Budget in US dollars a month. Recorded in the output creator."
  type        = number

  validation {
    condition     = var.monthly_budget > 0
    error_message = "The budget is more than 0 dollars."
  }
}

variable "configuration_digest" {
  description = "Digest of the configuration that this run applies. Recorded as an output, so that the state tells whether it is out of date."
  type        = string
}

variable "emulated" {
  description = "Whether AWS is emulated on this machine."
  type        = bool
  default     = false
}

variable "protect_data" {
  description = "Whether tables, recordings and assets are kept from being destroyed. Null protects them on real accounts only; to give data up, apply with false before the destroy."
  type        = bool
  default     = null
}

variable "enable_s3_website" {
  description = "Whether the creator has a site."
  type        = bool
  default     = false
}

variable "enable_user_auth" {
  description = "Whether people can sign up and sign in."
  type        = bool
  default     = false
}

variable "enable_ivs_streaming" {
  description = "Whether the creator streams."
  type        = bool
  default     = false
}

variable "enable_ivs_chat" {
  description = "Whether there is a chat."
  type        = bool
  default     = false
}

variable "enable_contact_form" {
  description = "Whether visitors can write to the creator."
  type        = bool
  default     = false
}

variable "enable_sponsor_system" {
  description = "Whether sponsors can book placements."
  type        = bool
  default     = false
}

variable "enable_shop" {
  description = "Whether the creator sells products."
  type        = bool
  default     = false
}

variable "enable_membership" {
  description = "Whether people can become paying members."
  type        = bool
  default     = false

  validation {
    condition     = !var.enable_membership || var.enable_user_auth
    error_message = "Membership is for people who can sign in: switch user-auth on."
  }
}

variable "enable_events" {
  description = "Whether there are events that one can sign up for."
  type        = bool
  default     = false
}

variable "enable_polls" {
  description = "Whether there are polls."
  type        = bool
  default     = false
}

variable "enable_newsletter" {
  description = "Whether there is a newsletter."
  type        = bool
  default     = false
}

variable "enable_analytics" {
  description = "Whether page views and viewers are counted."
  type        = bool
  default     = false
}

variable "enable_monitoring" {
  description = "Whether somebody is told when something is wrong or expensive."
  type        = bool
  default     = false
}

variable "enable_backup" {
  description = "Whether data is backed up and a restore is tried."
  type        = bool
  default     = false
}

variable "enable_failover" {
  description = "Whether a second region keeps a copy and answers when the first one does not."
  type        = bool
  default     = false

  validation {
    condition     = !var.enable_failover || var.failover.region != null
    error_message = "failover has to name the second region."
  }
}

variable "failover" {
  description = "Settings of the second region: which one it is. To be kept when it is switched off, until that is applied."
  type = object({
    region = optional(string)
  })
  default = {}

  validation {
    condition     = var.failover.region == null ? true : can(regex("^[a-z]{2}-[a-z]+-[0-9]$", var.failover.region)) && var.failover.region != var.region
    error_message = "The second region is written like eu-west-1, and is another than the first."
  }
}

variable "encryption" {
  description = "Settings of encryption at rest: whether tables and uploads are encrypted with a key of the creator's own, at $1 a month and region."
  type = object({
    own_key = optional(bool, false)
  })
  default = {}
}

variable "s3_website" {
  description = "Settings of s3-website: web application firewall, price class of CloudFront, and whether the domain is delegated to the zone's name servers."
  type = object({
    waf          = optional(bool, false)
    price_class  = optional(string, "PriceClass_100")
    domain_ready = optional(bool, false)
  })
  default = {}
}

variable "ivs_streaming" {
  description = "Settings of ivs-streaming: channel type, latency mode, recording and for how many days, whether only members may watch and from which tier on, and whether a notice is sent when a stream begins."
  type = object({
    channel_type             = optional(string, "STANDARD")
    latency_mode             = optional(string, "LOW")
    recording                = optional(bool, true)
    recording_retention_days = optional(number, 30)
    authorized_playback      = optional(bool, false)
    live_notice              = optional(bool, true)
    playback_tier            = optional(string)
  })
  default = {}

  validation {
    condition     = var.ivs_streaming.playback_tier == null ? true : var.enable_membership && var.ivs_streaming.authorized_playback && contains(var.membership.tiers[*].id, var.ivs_streaming.playback_tier)
    error_message = "playback_tier is a tier of membership, where only members may watch (authorized_playback)."
  }

  validation {
    condition     = !var.enable_ivs_streaming || !var.ivs_streaming.authorized_playback || var.enable_user_auth
    error_message = "Only members may watch (authorized_playback), and there are none: switch user-auth on."
  }
}

variable "user_auth" {
  description = "Settings of user-auth: whether people can sign up by themselves, and whether they may use a second factor."
  type = object({
    self_sign_up = optional(bool, true)
    mfa          = optional(string, "off")
  })
  default = {}
}

variable "ivs_chat" {
  description = "Settings of ivs-chat: longest message in characters, most messages a second in the room, whether guests may read, words that no message may hold, and days that messages are kept (0: none)."
  type = object({
    max_message_chars   = optional(number, 300)
    messages_per_second = optional(number, 10)
    guests              = optional(bool, true)
    blocked_words       = optional(list(string), [])
    log_retention_days  = optional(number, 30)
  })
  default = {}
}

variable "contact_form" {
  description = "Settings of contact-form: address that messages go to, the creator's contact unless said otherwise."
  type = object({
    recipient = optional(string)
  })
  default = {}
}

variable "shop" {
  description = "Settings of shop: currency, minutes that an order holds its items until it is paid, countries that goods are sent to, shipping in minor units (cents), and Stripe's publishable key."
  type = object({
    currency        = optional(string, "EUR")
    hold_minutes    = optional(number, 30)
    countries       = optional(list(string), ["DE", "AT", "CH"])
    shipping        = optional(number, 0)
    publishable_key = optional(string)
  })
  default = {}
}

variable "stripe_api_base" {
  description = "Another server in Stripe's place, as http://127.0.0.1:8420, where AWS is emulated; null for Stripe itself."
  type        = string
  default     = null

  validation {
    condition     = var.stripe_api_base == null || var.emulated
    error_message = "Payments go to Stripe itself: another server in its place is for the emulated AWS."
  }
}

variable "sponsor_system" {
  description = "Settings of sponsor-system: currency, price of each placement in minor units (cents) a day, longest booking in days."
  type = object({
    currency = optional(string, "EUR")
    rates    = optional(map(number), {})
    max_days = optional(number, 90)
  })
  default = {}
}

variable "membership" {
  description = "Settings of membership: currency, tiers from the lowest to the highest with their price in minor units (cents) a month and what one gets, and days that who could not be charged stays a member."
  type = object({
    currency   = optional(string, "EUR")
    tiers      = optional(list(object({ id = string, name = string, price = number, benefits = list(string) })), [])
    grace_days = optional(number, 7)
  })
  default = {}
}

variable "events" {
  description = "Settings of events: hours before an event at which its guests are reminded, and the time zone (IANA) in which letters tell the time."
  type = object({
    reminder_hours = optional(list(number), [24, 1])
    time_zone      = optional(string, "Europe/Berlin")
  })
  default = {}
}

variable "polls" {
  description = "Settings of polls: whether who is not signed in may vote too."
  type = object({
    guests = optional(bool, true)
  })
  default = {}
}

variable "newsletter" {
  description = "Settings of newsletter: topics by id as the site names them, letters a second, and the imprint at the foot of every letter."
  type = object({
    topics           = optional(map(string), { news = "News" })
    mails_per_second = optional(number, 10)
    imprint          = optional(string, "")
  })
  default = {}
}

variable "analytics" {
  description = "Settings of analytics: days that single page views are kept, and whether the site may show how often its pages were seen."
  type = object({
    retention_days  = optional(number, 90)
    public_counters = optional(bool, true)
  })
  default = {}
}

variable "monitoring" {
  description = "Settings of monitoring: further addresses that are written to, whether notices go to Slack and to which Telegram chat, parts of the budget (percent) that are told of, least impact of an unusual cost in dollars, and whether the account gets an anomaly monitor of its own; where it does not, the ARN of the one that it has."
  type = object({
    emails              = optional(list(string), [])
    slack               = optional(bool, false)
    telegram_chat       = optional(string)
    budget_percent      = optional(list(number), [80, 100])
    anomaly_dollars     = optional(number, 10)
    own_anomaly_monitor = optional(bool, true)
    anomaly_monitor_arn = optional(string)
  })
  default = {}
}

variable "messengers_base" {
  description = "Another server in the place of Slack and Telegram, as http://127.0.0.1:8430, where AWS is emulated; null for themselves."
  type        = string
  default     = null

  validation {
    condition     = var.messengers_base == null || var.emulated
    error_message = "Notices go to Slack and Telegram themselves: another server in their place is for the emulated AWS."
  }
}

variable "backup" {
  description = "Settings of backup: days that daily backups are kept, and how often a restore is tried: weekly, monthly or off."
  type = object({
    retention_days = optional(number, 35)
    drill          = optional(string, "monthly")
  })
  default = {}
}

variable "lambda_artifacts" {
  description = "What the build step made: runtime and instruction set, the zip file of the libraries' layer, and the zip file of each module's functions. Null while no module has functions."
  type = object({
    runtime      = string
    architecture = string
    layer        = object({ path = string })
    packages     = map(object({ path = string }))
  })
  default = null

  validation {
    condition = alltrue([
      for name, enabled in {
        user-auth      = var.enable_user_auth
        ivs-streaming  = var.enable_ivs_streaming
        ivs-chat       = var.enable_ivs_chat
        contact-form   = var.enable_contact_form
        sponsor-system = var.enable_sponsor_system
        shop           = var.enable_shop
        membership     = var.enable_membership
        events         = var.enable_events
        polls          = var.enable_polls
        newsletter     = var.enable_newsletter
        analytics      = var.enable_analytics
        monitoring     = var.enable_monitoring
        backup         = var.enable_backup
        failover       = var.enable_failover && local.has_api
      } : !enabled || can(var.lambda_artifacts.packages[name].path)
    ])
    error_message = "Every module that is on, but s3-website, needs a package of its own among the artifacts: build them first."
  }
}
