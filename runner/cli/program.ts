import type { Command } from "commander";
import { addAggregateCommand } from "../aggregate/aggregate-command.ts";
import { addBenchCommand } from "../bench/bench-command.ts";
import { addCalibrateCommand } from "../calibrate/calibrate-command.ts";
import { addDoctorCommand } from "../doctor/doctor-command.ts";
import { addEarningsCommand } from "../earnings/earnings-command.ts";
import { addWithdrawCommand } from "../earnings/withdraw-command.ts";
import { addInitCommand } from "../init/init-command.ts";
import { addModelsCommand } from "../models/models-command.ts";
import { addServiceCommand } from "../service/service-command.ts";
import { addUninstallCommand } from "../uninstall/uninstall-command.ts";
import { addVerifyCommand } from "../verify/verify-command.ts";
import { addAppealCommand } from "./appeal-command.ts";
import { createBaseProgram } from "./base-program.ts";
import { addConfigCommand } from "./config-command.ts";
import { addDrainCommand } from "./drain-command.ts";
import { addIdCommand } from "./id-command.ts";
import { addLogsCommand } from "./logs-command.ts";
import { addPauseCommands } from "./pause-commands.ts";
import { addStartCommand } from "./start-command.ts";
import { addStatusCommand } from "./status-command.ts";

/** The command line with all its commands. */
export function createProgram(): Command {
  const program = createBaseProgram();
  addInitCommand(program);
  addStartCommand(program);
  addStatusCommand(program);
  addDrainCommand(program);
  addPauseCommands(program);
  addLogsCommand(program);
  addDoctorCommand(program);
  addModelsCommand(program);
  addBenchCommand(program);
  addConfigCommand(program);
  addIdCommand(program);
  addAppealCommand(program);
  addEarningsCommand(program);
  addWithdrawCommand(program);
  addVerifyCommand(program);
  addCalibrateCommand(program);
  addAggregateCommand(program);
  addServiceCommand(program);
  addUninstallCommand(program);
  return program;
}
