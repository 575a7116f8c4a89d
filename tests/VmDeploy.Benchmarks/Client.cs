using System;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.Extensions.Logging.Abstractions;
using VmDeploy.Ova;
using VmDeploy.Vsphere;

namespace VmDeploy.Benchmarks;

/// <summary>An import as a user has it.</summary>
internal static class Client
{
    public static async Task ImportAsync(ConnectOptions options, string ova, string name)
    {
        using VmSession session = await VsphereSession.ConnectAsync(options, NullLogger.Instance, CancellationToken.None);
        using OvaPackage package = await OvaPackage.OpenAsync(ova, CancellationToken.None);
        var request = new OvaImportRequest(ova) { Names = [name], Datastore = "datastore1" };
        DeploymentPlan plan = await session.PlanOvaImportAsync(request, package, CancellationToken.None);
        VmDeployException? failure = null;
        await plan.RunAsync([name], _ => { }, (_, e) => failure = e, new Progress<OperationProgress>(), CancellationToken.None);
        if (failure is not null)
            throw failure;
    }
}
