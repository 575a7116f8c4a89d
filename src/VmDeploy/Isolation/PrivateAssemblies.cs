using System.Collections.Concurrent;
using System.Reflection;

namespace VmDeploy.PowerShell;

/// <summary>
/// Finds the libraries in the module's <c>lib</c> folder for our own assemblies only: other modules in the
/// process can load other versions of the same libraries without a conflict.
/// </summary>
internal static class PrivateAssemblies
{
    private static readonly Assembly s_module = typeof(PrivateAssemblies).Assembly;
    private static readonly Lazy<string> s_libraries = new(Libraries);
    private static readonly Lazy<Dictionary<string, AssemblyName>> s_shipped = new(Shipped);
    private static readonly ConcurrentDictionary<string, Lazy<Assembly>> s_loaded = new();

    static PrivateAssemblies() => AppDomain.CurrentDomain.AssemblyResolve += Resolve;

    /// <summary>Registers the resolver, once per process, however often the module is imported.</summary>
    public static void Hook() => System.Runtime.CompilerServices.RuntimeHelpers.RunClassConstructor(typeof(PrivateAssemblies).TypeHandle);

    private static Assembly? Resolve(object? sender, ResolveEventArgs request)
    {
        var wanted = new AssemblyName(request.Name);
        return IsOurs(request.RequestingAssembly) && s_shipped.Value.TryGetValue(wanted.Name ?? "", out var ours)
            && ours.Version >= wanted.Version
                ? s_loaded.GetOrAdd(ours.Name!, name => new Lazy<Assembly>(() => Assembly.LoadFile(PathOf(name)))).Value
                : null;
    }

    // Core is named by an enum: loading a type with a logger in it would ask for the library that is being resolved.
    private static bool IsOurs(Assembly? requesting) => requesting is not null
        && (requesting == s_module || requesting == typeof(VmPlaceKind).Assembly
            || s_loaded.Values.Any(library => library.IsValueCreated && library.Value == requesting));

    private static string PathOf(string name) => Path.Combine(s_libraries.Value, name + ".dll");

    // All copies of the assemblies, also those in compiled/<runtime>, share one folder of libraries.
    private static string Libraries()
    {
        var folder = new FileInfo(s_module.Location).Directory!;
        return Path.Combine((folder.Parent is { Name: "compiled" } compiled ? compiled.Parent! : folder).FullName, "lib");
    }

    private static Dictionary<string, AssemblyName> Shipped() =>
        Directory.EnumerateFiles(s_libraries.Value, "*.dll")
            .Select(AssemblyName.GetAssemblyName)
            .ToDictionary(name => name.Name!, StringComparer.OrdinalIgnoreCase);
}
