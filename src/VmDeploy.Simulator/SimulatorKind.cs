using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

namespace VmDeploy.Simulator;

/// <summary>One kind of host that the executable can start.</summary>
/// <param name="Mode">The word after --mode.</param>
/// <param name="Options">Its options; those that several kinds share are listed once in the help.</param>
/// <param name="StartAsync">Starts it.</param>
internal sealed record SimulatorKind(
    string Mode,
    IReadOnlyList<CommandLine.Option> Options,
    Func<CommandLine, CancellationToken, Task<IRunningSimulator>> StartAsync);
