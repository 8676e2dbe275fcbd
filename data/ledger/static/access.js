// The theme takes the focus from the buttons of its bar as they are pressed, and so forgets where the keyboard was.
for (const button of document.querySelectorAll(".article-header-buttons button, .sidebar-toggle")) button.blur = () => {};
