// How a control is named and described for those who cannot see what stands around it.

export function labelled(label) {
  const name = label.id ? { id: label.id } : { "aria-label": label.text };
  return { ...name, "aria-describedby": label.error };
}
