using System.Reflection;

namespace VmDeploy.PowerShell;

/// <summary>
/// The keys of a machine: those of the JSON files of the cmdlet that makes it, with the same meaning and the same checks, because the
/// values become the cmdlet's parameters.
/// </summary>
internal static class MachineKeys
{
    // What a deployment decides itself, or what no file may contain.
    private static readonly string[] s_excluded =
    [
        nameof(NewVmCmdlet.InputObject), nameof(NewVmCmdlet.Name), nameof(NewVmCmdlet.NamePrefix), nameof(NewVmCmdlet.ExistingVm), nameof(NewVmCmdlet.PowerOn),
        nameof(NewVmCmdlet.WaitForIp), nameof(NewVmCmdlet.TimeoutSec), nameof(NewVmCmdlet.ThrottleLimit), nameof(NewVmCmdlet.StrictKeys), nameof(SessionCmdlet.Session),
        nameof(NewInstancesCmdlet.Count), nameof(NewVmCloneCommand.NamePattern), nameof(ImportVmOvaCommand.UriCredential), nameof(ImportVmOvaCommand.UploadEach), nameof(ImportVmOvaCommand.AsVApp),
    ];

    private static readonly Dictionary<Type, IReadOnlyList<PropertyInfo>> s_parameters =
        new[] { typeof(ImportVmOvaCommand), typeof(NewVmCloneCommand), typeof(NewVmFromIsoCommand), typeof(NewVmFromTemplateCommand) }.ToDictionary(type => type, type =>
            (IReadOnlyList<PropertyInfo>)type.GetProperties().Where(one => one.GetCustomAttributes<ParameterAttribute>().Any(attribute => attribute.ValueFromPipelineByPropertyName)
                && !s_excluded.Contains(one.Name)).ToList());

    /// <summary>The cmdlets that make machines.</summary>
    public static IEnumerable<Type> Makers => s_parameters.Keys;

    /// <summary>The parameters of a cmdlet that machines have.</summary>
    public static IReadOnlyList<PropertyInfo> Of(Type maker) => s_parameters[maker];

    /// <summary>The parameter that says what the cmdlet makes VMs from.</summary>
    public static PropertyInfo SourceOf(Type maker) => Of(maker).Single(one => one.Name is nameof(ImportVmOvaCommand.Path) or nameof(NewVmCloneCommand.Vm)
        or nameof(NewVmFromIsoCommand.IsoPath) or nameof(NewVmFromTemplateCommand.Template));

    /// <summary>Names of a parameter in files: its own and its aliases.</summary>
    public static IEnumerable<string> NamesOf(PropertyInfo parameter) =>
        parameter.GetCustomAttributes<AliasAttribute>().SelectMany(alias => alias.AliasNames).Prepend(parameter.Name).Where(name => name is not ("PSPath" or "LiteralPath" or "FullName" or "Id" or "SourceName"));

    /// <summary>The name of a parameter as files have it.</summary>
    public static string KeyOf(PropertyInfo parameter) => NamesOf(parameter).FirstOrDefault(name => !name.Any(char.IsUpper)) ?? parameter.Name.ToLowerInvariant();

    /// <summary>The parameter with this name; null if the cmdlet has none.</summary>
    public static PropertyInfo? Find(Type maker, string key) => Of(maker).FirstOrDefault(one => NamesOf(one).Contains(key, StringComparer.OrdinalIgnoreCase));

    /// <summary>Sets a parameter from a file's value, converted as PowerShell converts it for the cmdlet.</summary>
    /// <exception cref="ArgumentTransformationMetadataException">The value is not valid.</exception>
    /// <exception cref="PSInvalidCastException">The value has another type.</exception>
    public static void Set(object cmdlet, PropertyInfo parameter, object? value, EngineIntrinsics engine)
    {
        foreach (var conversion in TextValue.IsTextOnly(parameter) ? [] : parameter.GetCustomAttributes<ArgumentTransformationAttribute>())
            value = conversion.Transform(engine, value!);
        if (TextValue.Misfit(parameter.PropertyType, value) is { } misfit)
            throw new PSInvalidCastException($"A text is required, and {misfit} was given.");
        if (value is not null)
            parameter.SetValue(cmdlet, LanguagePrimitives.ConvertTo(value, parameter.PropertyType, CultureInfo.InvariantCulture));
    }
}
