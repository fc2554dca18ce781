mock_provider "aws" {
  mock_resource "aws_s3_bucket" {
    defaults = {
      arn = "arn:aws:s3:::kasper-lambda-artifacts-111122223333"
    }
  }
}

# Any files do: nothing looks into them.
variables {
  bucket       = "kasper-lambda-artifacts-111122223333"
  layer_name   = "kasper-libraries"
  runtime      = "python3.12"
  architecture = "arm64"
  layer        = { path = "main.tf" }
  packages     = { sponsor-system = { path = "variables.tf" } }
}

run "keys_follow_the_content" {
  assert {
    condition = { for name, object in aws_s3_object.this : name => object.key } == {
      layer          = "layer/${filesha256("main.tf")}.zip"
      sponsor-system = "sponsor-system/${filesha256("variables.tf")}.zip"
    }
    error_message = "An object's key holds the hash of its content."
  }

  assert {
    condition     = output.packages["sponsor-system"].key == aws_s3_object.this["sponsor-system"].key && output.packages["sponsor-system"].hash == filebase64sha256("variables.tf")
    error_message = "Functions are told where their code lies and what it hashes to."
  }

  assert {
    condition = (
      aws_lambda_layer_version.this.s3_key == aws_s3_object.this["layer"].key
      && aws_lambda_layer_version.this.source_code_hash == filebase64sha256("main.tf")
      && aws_lambda_layer_version.this.compatible_runtimes == toset(["python3.12"])
      && aws_lambda_layer_version.this.compatible_architectures == toset(["arm64"])
    )
    error_message = "The layer is made from its object, for the runtime and instruction set it was built for."
  }

  assert {
    condition     = alltrue([for object in aws_s3_object.this : length(object.override_provider) == 1])
    error_message = "Objects take none of the default tags: S3 allows ten on an object."
  }
}

run "refuses_what_was_not_built" {
  command = plan

  variables {
    layer        = { path = "missing.zip" }
    packages     = { sponsor-system = { path = "missing.zip" } }
    runtime      = "nodejs22.x"
    architecture = "x86"
    layer_name   = "kasper libraries"
  }

  expect_failures = [var.layer, var.packages, var.runtime, var.architecture, var.layer_name]
}

run "refuses_a_package_in_the_layers_place" {
  command = plan

  variables {
    packages = { layer = { path = "variables.tf" } }
  }

  expect_failures = [var.packages]
}
