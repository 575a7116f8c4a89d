using System.Globalization;
using System.Net;
using System.Reflection;
using Microsoft.Extensions.Logging.Abstractions;
using VmDeploy.Ova;
using VmDeploy.Vsphere;
using VmDeploy.Xapi;

namespace VmDeploy.MonoClient;

/// <summary>
/// Imports an OVA as 'imported' and clones that as 'cloned' with the module's shipped files, on a runtime with the API of
/// .NET Framework: <c>mono MonoClient.exe MODULE-FOLDER esxi|xenserver SERVER PORT USER PASSWORD THUMBPRINT OVA [DATASTORE]</c>.
/// </summary>
internal static class Program
{
    private static int Main(string[] arguments)
    {
        var module = Assembly.LoadFrom(Path.GetFullPath(Path.Combine(arguments[0], "VmDeploy.dll")));
        var libraries = module.GetType("VmDeploy.PowerShell.PrivateAssemblies", throwOnError: true);
        libraries.GetMethod("Hook").Invoke(null, null);
        var resolve = libraries.GetMethod("Resolve", BindingFlags.NonPublic | BindingFlags.Static);
        // The module finds its libraries for its own assemblies only, so this program loads them for the module, in any version:
        // it is compiled against the files for .NET Framework, which the module does not ship.
        AppDomain.CurrentDomain.AssemblyResolve += (sender, request) =>
        {
            if (request.RequestingAssembly != typeof(Program).Assembly)
                return null;
            var name = new AssemblyName(request.Name).Name;
            return name == "VmDeploy.Core" ? Assembly.LoadFrom(Path.Combine(Path.GetDirectoryName(module.Location), "VmDeploy.Core.dll"))
                : (Assembly?)resolve.Invoke(null, [sender, new ResolveEventArgs($"{name}, Version=0.0.0.0", module)]);
        };
        return Client.RunAsync(arguments).GetAwaiter().GetResult();
    }

    // Separate from Main, which must run before anything of the module is loaded.
    private static class Client
    {
        public static async Task<int> RunAsync(string[] arguments)
        {
            var options = new ConnectOptions(arguments[2], new NetworkCredential(arguments[4], arguments[5]))
            {
                Port = int.Parse(arguments[3], CultureInfo.InvariantCulture),
                CertificateThumbprint = arguments[6],
            };
            using var session = arguments[1] == "esxi"
                ? await VsphereSession.ConnectAsync(options, NullLogger.Instance, CancellationToken.None)
                : await XapiSession.ConnectAsync(options, NullLogger.Instance, CancellationToken.None);
            using var package = await OvaPackage.OpenAsync(arguments[7], CancellationToken.None);
            var import = new OvaImportRequest(arguments[7]) { Names = ["imported"], Datastore = arguments.Length > 8 ? arguments[8] : null };
            if (await RunAsync(await session.PlanOvaImportAsync(import, package, CancellationToken.None)) is not { } vm)
                return 1;
            var clone = new CloneRequest(vm) { Names = ["cloned"] };
            return await RunAsync(await session.PlanCloneAsync(clone, CancellationToken.None)) is null ? 1 : 0;
        }

        private static async Task<Vm?> RunAsync(DeploymentPlan plan)
        {
            Vm? made = null;
            await plan.RunAsync(plan.Names, vm => made = vm, (name, e) => Console.Error.WriteLine($"{name}: {e}"),
                new Progress<OperationProgress>(), CancellationToken.None);
            return made;
        }
    }
}
