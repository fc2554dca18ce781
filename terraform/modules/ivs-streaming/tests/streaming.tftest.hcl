mock_provider "aws" {
  mock_resource "aws_ivs_channel" {
    defaults = {
      arn                         = "arn:aws:ivs:eu-central-1:111122223333:channel/abcdEFGHijkl"
      recording_configuration_arn = ""
    }
  }
  mock_resource "aws_ivs_recording_configuration" {
    defaults = {
      arn = "arn:aws:ivs:eu-central-1:111122223333:recording-configuration/abcdEFGHijkl"
    }
  }
}

variables {
  slug       = "kasper"
  account_id = "111122223333"
}

run "records_by_default" {
  assert {
    condition     = aws_ivs_channel.this.name == "kasper" && aws_ivs_channel.this.type == "STANDARD" && aws_ivs_channel.this.latency_mode == "LOW" && !aws_ivs_channel.this.authorized
    error_message = "A STANDARD low-latency channel, open to everyone, named after the creator."
  }

  assert {
    condition     = aws_ivs_channel.this.recording_configuration_arn == aws_ivs_recording_configuration.this[0].arn
    error_message = "The channel records."
  }

  assert {
    condition     = aws_ivs_recording_configuration.this[0].destination_configuration[0].s3[0].bucket_name == output.recordings_bucket
    error_message = "Recordings go into the module's bucket."
  }

  assert {
    condition     = length(aws_ivs_playback_key_pair.this) == 0 && length(output.waiting_for) == 0
    error_message = "Nobody has to do anything for an open channel."
  }
}

run "without_recording_there_is_no_bucket" {
  variables {
    recording    = false
    channel_type = "BASIC"
    latency_mode = "NORMAL"
  }

  # What AWS says of a channel that has just been made anew.
  override_resource {
    target = aws_ivs_channel.this
    values = { recording_configuration_arn = "" }
  }

  state_key = "without_recording"

  assert {
    condition     = length(aws_ivs_recording_configuration.this) == 0 && length(module.recordings) == 0 && output.recordings_bucket == null
    error_message = "recording = false leaves no configuration and no bucket."
  }

  assert {
    condition     = aws_ivs_channel.this.type == "BASIC" && aws_ivs_channel.this.latency_mode == "NORMAL"
    error_message = "Type and latency mode are as asked for."
  }
}

run "a_channel_that_goes_on_recording_is_not_left_behind" {
  variables {
    recording = false
  }

  # The state of the first run: the channel holds its recording configuration.
  command         = plan
  expect_failures = [aws_ivs_channel.this]
}

run "authorized_playback_waits_for_its_key" {
  state_key = "authorized"

  variables {
    authorized_playback = true
  }

  assert {
    condition     = aws_ivs_channel.this.authorized && length(output.waiting_for) == 1
    error_message = "Without a key the channel waits for one."
  }
}

run "authorized_playback_with_a_key" {
  state_key = "authorized"

  variables {
    authorized_playback = true
    playback_public_key = <<-PEM
      -----BEGIN PUBLIC KEY-----
      MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAE
      -----END PUBLIC KEY-----
    PEM
  }

  assert {
    condition     = aws_ivs_playback_key_pair.this[0].name == "kasper" && length(output.waiting_for) == 0
    error_message = "The key is imported and nothing is waited for."
  }
}

run "refuses_wrong_values" {
  command = plan

  variables {
    slug                     = "Kasper"
    account_id               = "1234"
    channel_type             = "ADVANCED"
    latency_mode             = "ULTRA"
    recording_retention_days = 0
    playback_public_key      = "-----BEGIN PRIVATE KEY-----"
  }

  expect_failures = [
    var.slug, var.account_id, var.channel_type, var.latency_mode, var.recording_retention_days, var.playback_public_key,
  ]
}
